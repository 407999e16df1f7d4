/*
 * PosJunction: card payments on terminals that live behind a vendor's cloud (PayJunction, EBizCharge / USAePay,
 * JustiFi), for point-of-sale programs in any language that can call C.
 *
 * This file is the manual. It is generated, so change the library's sources and not this file.
 *
 *
 * THE WHOLE USE OF IT, without error handling
 *
 *     pj_fields  *config, *sale;
 *     pj_client  *client;
 *     pj_request *request;
 *     pj_result   result;
 *
 *     pj_fields_new(&config);                                at the start of the program
 *     pj_fields_set_text(config, "vendor", "payjunction");
 *     pj_fields_set_text(config, "login", "...");
 *     pj_fields_set_text(config, "password", "...");
 *     pj_fields_set_text(config, "application_key", "...");
 *     pj_fields_set_text(config, "terminal", "...");         the device on the counter
 *     pj_fields_set_text(config, "merchant_terminal", "..."); the account that is credited (PayJunction)
 *     pj_client_open(config, &client);
 *     pj_fields_free(config);
 *
 *     pj_fields_new(&sale);                                  for each payment
 *     pj_fields_set_int (sale, "amount", 1234);              12.34
 *     pj_fields_set_text(sale, "reference", "lane1-4711");   your name for it, stored before this call
 *     pj_request_payment(client, sale, &request);            returns at once; the terminal wakes up
 *     pj_fields_free(sale);
 *
 *     result.struct_size = sizeof result;
 *     do {
 *         pj_wait(request, 100, &result);                    or pj_poll from a timer, or events: see NEWS
 *         show(result.message);
 *     } while (!(result.flags & PJ_FLAG_FINAL) && result.state != PJ_STATE_UNKNOWN);
 *     store(&result);                                        in your database, with the sale
 *     if (result.flags & PJ_FLAG_FINAL)
 *         pj_acknowledge(request);                           only now will the library stop telling you
 *     pj_request_free(request);
 *
 *     pj_client_close(client, 5000);                         at the end of the program
 *
 * And at the start of the program, the payments that the last run did not live to see:
 *
 *     pj_pending_count(client, &count);
 *     for (i = 0; i < count; i++) {
 *         pj_pending_at(client, i, &request);
 *         pj_poll(request, &result);                         store it, acknowledge it, as above
 *         pj_request_free(request);
 *     }
 *
 * Walk that list again after each sale, or handle events: a payment that had ended without money and turns out to be
 * approved after all (PJ_EVENT_LATE_APPROVAL) is in it again.
 *
 *
 * THE SAME PROGRAM AT ANOTHER VENDOR
 *
 * A till changes its vendor by changing its configuration: keep the keys in a file of yours, and the program stays as
 * it is. In place of the keys above, EBizCharge:
 *
 *     pj_fields_set_text(config, "vendor", "ebizcharge");    or "usaepay": the same keys, its own servers
 *     pj_fields_set_text(config, "api_key", "...");
 *     pj_fields_set_text(config, "pin", "...");
 *     pj_fields_set_text(config, "terminal", "...");         the device's key
 *
 * and JustiFi:
 *
 *     pj_fields_set_text(config, "vendor", "justifi");
 *     pj_fields_set_text(config, "client_id", "...");
 *     pj_fields_set_text(config, "client_secret", "...");
 *     pj_fields_set_text(config, "sub_account", "...");
 *     pj_fields_set_text(config, "terminal", "...");         the terminal's id, trm_...
 *
 * What a vendor cannot do, pj_capable says; asked for all the same it is PJ_ERR_UNSUPPORTED, and nothing is sent. A
 * journal belongs to one account. Each has a file of its own by default; if you name the file (key `journal`), name
 * another one for the new account.
 *
 *
 * WHAT YOU CAN RELY ON
 *
 * - Nothing of a payment is sent before the journal, a file on this computer, has it. After a crash or a power cut the
 *   next pj_client_open goes on where the last one stopped.
 * - DECLINED, CANCELED, TIMED_OUT and FAILED are told only with proof that no money moved. Whatever cannot be proven is
 *   PJ_STATE_UNKNOWN: not an error of yours, and no permission to ask for the money again.
 * - A reference is charged once. Asked again, the library gives you the payment that is there already.
 * - Every result is told until you acknowledge it, and none changes silently afterwards.
 *
 *
 * WHAT A REFERENCE IS
 *
 * Your own name for one payment: one tender, one refund, one void. Not for a receipt: if a customer pays with two cards
 * there are two references (`order` ties them together). Give tills a prefix of their own, such as "lane1-4711". Write
 * the reference down before you ask for the payment; then pj_find can tell after any accident what became of it. After
 * a payment that ended without money (advice RETRY or NEW_CARD) the same reference may be used again.
 *
 *
 * RULES OF ALL FUNCTIONS
 *
 * - They return PJ_OK or a PJ_ERR_*; pj_last_error has the words. Outputs are written only on success, except where
 *   the function says otherwise.
 * - They may be called from any thread at any time. Those that may wait say so in their last line; all others return
 *   at once. None touches the network on your thread.
 * - Handles are not addresses. One that was freed, or never was one, is answered with PJ_ERR_INVALID_HANDLE; nothing
 *   crashes. Handles of one request are equal, and may be compared.
 * - Texts are UTF-8 and end with a NUL. What you pass in is copied; no pointer of yours is kept.
 * - Amounts are minor units of the currency, as whole numbers: 1234 is 12.34 USD, and 1234 yen.
 * - The structs need not be aligned. Compile without changing the packing all the same.
 * - After fork() the child gets PJ_ERR_FORKED for everything it inherited. It may open a client of its own, with a
 *   journal of its own.
 * - The library stays loaded until the process ends, even if it is asked to unload.
 */
#ifndef POSJUNCTION_H
#define POSJUNCTION_H

#include <stdint.h>

/* The calling convention, on functions and on callbacks. In Delphi: cdecl. In C#: CallingConvention.Cdecl. */
#ifndef PJ_CALL
#if defined(_WIN32)
#define PJ_CALL __cdecl
#else
#define PJ_CALL
#endif
#endif

#ifndef PJ_API
#define PJ_API extern
#endif

/* The version this header belongs to, 0xMMmmpp. pj_version() is that of the library you run with. */
#define PJ_HEADER_VERSION                    0x000100
#define PJ_HEADER_VERSION_TEXT               "0.1.0"

#ifdef __cplusplus
extern "C" {
#endif


/* ==================================================================================================================
 * TYPES
 *
 * pj_fields, pj_client and pj_request are handles: pass them on, compare those of requests, look into none.
 * ==================================================================================================================
 */

/* One merchant account at one vendor. */
typedef struct pj_client pj_client;

/* A bag of keys and values: the configuration of a client, or the parameters of a request. */
typedef struct pj_fields pj_fields;

/* One request: a payment, a refund, a void, a signature, a list of terminals ... */
typedef struct pj_request pj_request;

/* The whole state of a request at one moment. 672 bytes without padding, the same on every compiler and machine.
 *
 * Set `struct_size` to `sizeof(pj_result)` before every call that fills one in; it is never written. Texts are
 * UTF-8, end with a NUL, and are cut at a character if they do not fit; pj_get_text has all of them. Amounts are
 * minor units (cents): 1234 is 12.34 USD.
 */
typedef struct pj_result {
    /* sizeof(pj_result), set by you. */
    uint32_t struct_size;
    /* PJ_STATE_*: where the request stands. */
    int32_t state;
    /* Why it stands there: PJ_OK while all is well, else the code of the last obstacle or of the failure. */
    int32_t status;
    /* PJ_MONEY_*: did money move? */
    int32_t money;
    /* PJ_ADVICE_*: what does the cashier do now? */
    int32_t advice;
    /* Sum of PJ_FLAG_*. */
    uint32_t flags;
    /* What you asked for. */
    int64_t requested_amount;
    /* What was taken or given back, in all, tip and surcharge included. */
    int64_t approved_amount;
    /* The part of approved_amount that is a tip. */
    int64_t tip_amount;
    /* The part of approved_amount that is a surcharge. */
    int64_t surcharge_amount;
    /* The vendor's own number for a failure, 0 when there is none. */
    int32_t vendor_code;
    /* HTTP status of the vendor's last answer, 0 when there was none. */
    int32_t http_status;
    /* Milliseconds since the request was made, until it ended. Stays at 4294967295 rather than start anew. */
    uint32_t elapsed_ms;
    /* Number of the newest fact in this result. Rises with every fact of the journal. */
    uint32_t event_number;
    /* ISO 4217, as "USD". */
    char currency[8];
    /* The last four digits of the card. */
    char card_last4[8];
    /* "VISA" and so on, as the vendor writes it. */
    char card_brand[20];
    /* How the card was read, as the vendor writes it. */
    char entry_method[20];
    /* The issuer's approval code. */
    char authorization_code[16];
    /* The vendor's or issuer's response code. */
    char response_code[16];
    /* Your reference. */
    char reference[64];
    /* The vendor's id of the request at the terminal. */
    char request_id[64];
    /* The vendor's id of the transaction: what a receipt shows, and what `transaction` of a later refund takes. */
    char transaction_id[64];
    /* The terminal, by the vendor's id. */
    char terminal[64];
    /* One sentence for the cashier. */
    char message[256];
} pj_result;

/* What a function returns: PJ_OK (0) or one of PJ_ERR_*. */
typedef int32_t pj_status;


/* ==================================================================================================================
 * STATES
 *
 *     QUEUED, SENDING, ACCEPTED, CONNECTING, AT_TERMINAL, PROCESSING      on its way; rises, never goes back
 *     APPROVED, COMPLETED, DECLINED, CANCELED, TIMED_OUT, FAILED          final
 *     UNKNOWN                                                             not final: goes to one of the above
 *
 * Test for the end with PJ_FLAG_FINAL, and treat a state that you do not know as running. Beside the state every result
 * answers the two questions of a cashier: did money move (PJ_MONEY_*), and what do I do now (PJ_ADVICE_*).
 * ==================================================================================================================
 */

/* Accepted by the library; on its way into the journal and to the vendor. */
#define PJ_STATE_QUEUED                      1
/* Being sent to the vendor. */
#define PJ_STATE_SENDING                     2
/* The vendor has taken the request. */
#define PJ_STATE_ACCEPTED                    3
/* The vendor's cloud is connecting to the terminal. */
#define PJ_STATE_CONNECTING                  4
/* The terminal shows the request to the customer. */
#define PJ_STATE_AT_TERMINAL                 5
/* A transaction exists and is being read. */
#define PJ_STATE_PROCESSING                  6
/* Final. Money moved as approved_amount says; that may be a part, or include a tip (see the flags). */
#define PJ_STATE_APPROVED                    10
/* Final. A request that moves no money has its answer. */
#define PJ_STATE_COMPLETED                   11
/* Final. Declined by the issuer or the vendor; no money moved. */
#define PJ_STATE_DECLINED                    12
/* Final. Canceled; no money moved. */
#define PJ_STATE_CANCELED                    13
/* Final. The terminal or the vendor gave up waiting; no money moved. */
#define PJ_STATE_TIMED_OUT                   14
/* Final. Failed; no money moved. */
#define PJ_STATE_FAILED                      15
/* Not final: it is not known yet whether money moved. The library goes on looking. Do not ask for the money
 * again.
 */
#define PJ_STATE_UNKNOWN                     20

/* Did money move? */

/* Proven: no money moved. */
#define PJ_MONEY_NOT_MOVED                   1
/* Money moved, by approved_amount. */
#define PJ_MONEY_MOVED                       2
/* Money had moved, or was reserved, and was given back. */
#define PJ_MONEY_REVERSED                    3
/* Not known. */
#define PJ_MONEY_UNKNOWN                     4
/* Reserved on the card, not taken: an authorization that waits for pj_capture. */
#define PJ_MONEY_PENDING                     5

/* What does the cashier do now? */

/* Nothing yet: the request is running. */
#define PJ_ADVICE_WAIT                       1
/* Settled one way or the other; nothing more to do. */
#define PJ_ADVICE_DONE                       2
/* Try again, with the same reference: no money moved. */
#define PJ_ADVICE_RETRY                      3
/* Ask for another card, or another way to pay. */
#define PJ_ADVICE_NEW_CARD                   4
/* The program's request is wrong: correct it. */
#define PJ_ADVICE_FIX_REQUEST                5
/* The set-up is wrong: credentials, terminal, network. */
#define PJ_ADVICE_FIX_SETUP                  6
/* A person looks at the terminal and at the vendor's record, then the program calls pj_resolve. */
#define PJ_ADVICE_RESOLVE                    7
/* Call the vendor's or the integrator's support. */
#define PJ_ADVICE_CALL_SUPPORT               8

/* Flags of a result: sums of these. Ignore bits that you do not know. */

/* The request has ended; its result does not change silently any more. */
#define PJ_FLAG_FINAL                        1
/* The terminal has finished with this request; the next one can start. */
#define PJ_FLAG_TERMINAL_FREE                2
/* Less than the requested amount was approved. Ask for the rest under another reference. */
#define PJ_FLAG_PARTIAL                      4
/* The approved amount differs from what was asked, tip and surcharge considered. */
#define PJ_FLAG_AMOUNT_DIFFERS               8
/* The result was found by search after an answer was lost, or by a later run of the program than the one that
 * asked.
 */
#define PJ_FLAG_RECOVERED                    16
/* A cancel was asked for; the state says what became of it. */
#define PJ_FLAG_CANCEL_REQUESTED             32
/* It takes longer than `deadline` of the configuration. */
#define PJ_FLAG_OVERDUE                      64
/* The vendor's duplicate check fired: this card may have been charged for this before. Look before you try
 * again.
 */
#define PJ_FLAG_DUPLICATE_SUSPECTED          128
/* Not in the journal yet. A power cut now forgets the request, and nothing of it was sent. */
#define PJ_FLAG_NOT_DURABLE                  256
/* Found approved after it had ended without money. */
#define PJ_FLAG_LATE                         512
/* Decided by a person, with pj_resolve. */
#define PJ_FLAG_RESOLVED                     1024
/* Declined, but the issuer may hold the amount on the card for some days. */
#define PJ_FLAG_HELD                         2048
/* The money was taken: by pj_capture, by `confirm`, or although `capture` was "later" and it should only have
 * been reserved.
 */
#define PJ_FLAG_CAPTURED                     4096


/* ==================================================================================================================
 * STATUS CODES
 *
 * Of functions, and in the `status` of a result. A number never changes its meaning; new ones may come.
 * 1 to 99 the program's mistakes, 100 this computer, 200 the road to the vendor, 300 the vendor, 400 the cardholder and
 * the bank. From 21000 on they are the numbers that the vendors print in their own manuals, for every vendor.
 * ==================================================================================================================
 */

/* The call did what it says. */
#define PJ_OK                                0
/* A pointer is NULL, a number is outside its list, or struct_size was not set. pj_last_error names it. */
#define PJ_ERR_INVALID_ARGUMENT              1
/* The handle was never given out, was freed, or is of another kind. */
#define PJ_ERR_INVALID_HANDLE                2
/* No field has this key. pj_last_error suggests the nearest one. */
#define PJ_ERR_UNKNOWN_FIELD                 3
/* A required field is absent. pj_last_error names it. */
#define PJ_ERR_MISSING_FIELD                 4
/* A field's value breaks its rule: kind, length, characters or range. pj_last_error names key, rule and fault. */
#define PJ_ERR_INVALID_FIELD                 5
/* An amount is not positive, too large, or the parts do not add up. Amounts are minor units (cents). */
#define PJ_ERR_INVALID_AMOUNT                6
/* A text is not UTF-8, or holds a control character or a card number. */
#define PJ_ERR_INVALID_TEXT                  7
/* The reference names a payment that is running, unknown or paid. Its handle was filled in: use that one.
 * Nothing was sent.
 */
#define PJ_ERR_DUPLICATE_REFERENCE           8
/* The reference names a payment with another kind, amount or currency. Its handle was filled in. Nothing was
 * sent.
 */
#define PJ_ERR_REFERENCE_CONFLICT            9
/* The terminal carries a live or unknown request; its handle was filled in. Finish or resolve that one, or set
 * despite_unknown.
 */
#define PJ_ERR_TERMINAL_IN_USE               10
/* A void, refund or capture of the same original is live or unknown; its handle was filled in. */
#define PJ_ERR_TRANSACTION_IN_USE            11
/* The request is not in a state that allows the call, such as acknowledging before it is final. */
#define PJ_ERR_WRONG_STATE                   12
/* This vendor, platform or version cannot do it. pj_capable tells beforehand. Nothing was sent. */
#define PJ_ERR_UNSUPPORTED                   13
/* The buffer is shorter than the text and its NUL. *len has the length that is needed, without the NUL. */
#define PJ_ERR_BUFFER_TOO_SMALL              14
/* The journal holds no request with this reference or index. Within retention that proves that none was sent. */
#define PJ_ERR_NO_SUCH_REQUEST               15
/* The request has no value under this key (yet). */
#define PJ_ERR_NO_VALUE                      16
/* The time given to a waiting call ran out. Nothing is wrong; call again. */
#define PJ_ERR_WAIT_TIMEOUT                  17
/* Another thread is inside pj_dispatch or pj_next_event of this client. */
#define PJ_ERR_BUSY                          18
/* The call is not allowed inside a callback of the same client. */
#define PJ_ERR_REENTRANT                     19
/* The client was closed. Requests that were running come back at the next pj_client_open. */
#define PJ_ERR_CLOSED                        20
/* The process was forked; the child must open its own client with its own journal. */
#define PJ_ERR_FORKED                        21
/* A fixed limit is reached: handles, fields, open clients or queued requests. Free what is no longer needed. */
#define PJ_ERR_LIMIT                         22
/* The journal could not be opened or written; the text says why (full, read-only, damaged). Nothing was sent. */
#define PJ_ERR_JOURNAL                       100
/* Another process, or another client of this one, has the journal open. One journal, one client. */
#define PJ_ERR_JOURNAL_LOCKED                101
/* The configuration contradicts itself or the journal: another account, a bad URL, an unreadable file. The text
 * names the key.
 */
#define PJ_ERR_CONFIG                        102
/* The system refused a thread or a socket pair. */
#define PJ_ERR_THREAD                        103
/* A defect in the library was caught. The payment's facts are in the journal. Please report it. */
#define PJ_ERR_INTERNAL                      104
/* A file other than the journal could not be written, or something else is there already. pj_last_error names it
 * and says why.
 */
#define PJ_ERR_FILE                          105
/* Name lookup failed. Nothing was sent. */
#define PJ_ERR_DNS                           200
/* No TCP connection: refused, unreachable or timed out. Nothing was sent. */
#define PJ_ERR_CONNECT                       201
/* The TLS handshake failed: certificate, clock or an inspecting proxy (see tls_roots). Nothing was sent. */
#define PJ_ERR_TLS                           202
/* The proxy could not be reached or refused CONNECT, perhaps for want of a password. Nothing was sent. */
#define PJ_ERR_PROXY                         203
/* The request may have left and no answer came in time. */
#define PJ_ERR_TIMEOUT                       204
/* The request may have left and the connection broke before the answer was whole. */
#define PJ_ERR_CONNECTION_LOST               205
/* The reply is not what the vendor's interface says: HTML, half a body, a missing field. */
#define PJ_ERR_BAD_REPLY                     206
/* HTTP 401: login, password or key are wrong. Correct the configuration. */
#define PJ_ERR_UNAUTHORIZED                  300
/* HTTP 403: the credentials lack the permission, or a limit of the account is reached. */
#define PJ_ERR_FORBIDDEN                     301
/* The vendor has no such transaction, terminal or request under these credentials. */
#define PJ_ERR_NOT_FOUND                     302
/* The vendor refused a field before anything started. The message names it. */
#define PJ_ERR_REJECTED                      303
/* The vendor's rate limit leaves no room for a whole payment. Nothing was sent. */
#define PJ_ERR_RATE_LIMITED                  304
/* HTTP 5xx or maintenance. */
#define PJ_ERR_UNAVAILABLE                   305
/* A failure with a number that this version does not know; vendor_code and message have it. */
#define PJ_ERR_VENDOR                        306
/* Too many failed logins. All calls pause; running requests are not ended by it. */
#define PJ_ERR_LOCKED_OUT                    307
/* The transaction found has another reference, account, kind or currency than the one asked for. */
#define PJ_ERR_INTEGRITY                     308
/* A webhook's signature is wrong or missing. */
#define PJ_ERR_SIGNATURE                     309
/* The issuer or the vendor's rules declined; response_code has the reason. */
#define PJ_ERR_DECLINED                      400
/* Canceled at the till or by the customer, or the terminal's own time ran out. No money moved. */
#define PJ_ERR_CANCELED                      401
/* approved_amount is less than requested_amount. Ask for the rest under another reference. */
#define PJ_ERR_PARTIAL                       402
/* The vendor's duplicate check fired. See advice, and the candidates of the request. */
#define PJ_ERR_DUPLICATE_SUSPECTED           403
/* The library goes on looking. See the terminal's and the vendor's own record, then pj_resolve. */
#define PJ_ERR_OUTCOME_UNKNOWN               404
/* More than send_within passed before the request could leave, or the program ended before. Nothing was sent. */
#define PJ_ERR_EXPIRED                       405
/* The account has no terminal, or none was named. */
#define PJ_ERR_NO_DEVICE                     21100
/* The account's default terminal is offline. Restart it. */
#define PJ_ERR_POS_DEVICE_OFFLINE            21101
/* The link to the terminal failed midway. Reset the terminal. */
#define PJ_ERR_DEVICE_COMMUNICATION          21102
/* A request id was missing. */
#define PJ_ERR_REQUEST_ID_REQUIRED           21103
/* The vendor has no such terminal request. */
#define PJ_ERR_REQUEST_NOT_FOUND             21104
/* The terminal request can no longer be updated. */
#define PJ_ERR_REQUEST_CLOSED                21105
/* The transaction was processed; its amount cannot change. */
#define PJ_ERR_ALREADY_PROCESSED             21106
/* The terminal's id is wrong, belongs to another account, or its pairing lapsed. */
#define PJ_ERR_UNKNOWN_DEVICE                21121
/* The terminal refused for want of power. */
#define PJ_ERR_BATTERY_LOW                   21143
/* The terminal waited and no card came. */
#define PJ_ERR_REQUEST_TIMED_OUT             21144
/* The vendor's cloud cannot reach the terminal. Check its power and network. */
#define PJ_ERR_DEVICE_OFFLINE                21145
/* The terminal is occupied. Wait until it is free; nothing was started. */
#define PJ_ERR_DEVICE_BUSY                   21146


/* ==================================================================================================================
 * LIBRARY: versions, names, the last error
 * ==================================================================================================================
 */

/* The version of the library you run with: 0xMMmmpp, so 0x000102 is 0.1.2. PJ_HEADER_VERSION is the one you
 * compiled with. A library of the same MM that is not older than PJ_HEADER_VERSION is right.
 *
 * Since 0.1. Never waits; allowed in a callback.
 */
PJ_API uint32_t PJ_CALL pj_version(void);

/* The same as text, such as "0.1.2". Like all texts these functions return it is never NULL and lasts for ever.
 *
 * Since 0.1. Never waits; allowed in a callback.
 */
PJ_API const char * PJ_CALL pj_version_text(void);

/* The name of a status: "PJ_ERR_DEVICE_OFFLINE". "(unknown)" for a number without one, here and below.
 *
 * Since 0.1. Never waits; allowed in a callback.
 */
PJ_API const char * PJ_CALL pj_status_name(int32_t status);

/* One sentence about a status that a cashier can read out: "The card terminal is not connected."
 *
 * Since 0.1. Never waits; allowed in a callback.
 */
PJ_API const char * PJ_CALL pj_status_text(int32_t status);

/* The name of a state: "PJ_STATE_APPROVED".
 *
 * Since 0.1. Never waits; allowed in a callback.
 */
PJ_API const char * PJ_CALL pj_state_name(int32_t state);

/* The name of a PJ_MONEY_* number.
 *
 * Since 0.1. Never waits; allowed in a callback.
 */
PJ_API const char * PJ_CALL pj_money_name(int32_t money);

/* The name of a PJ_ADVICE_* number.
 *
 * Since 0.1. Never waits; allowed in a callback.
 */
PJ_API const char * PJ_CALL pj_advice_name(int32_t advice);

/* The name of a PJ_EVENT_* number.
 *
 * Since 0.1. Never waits; allowed in a callback.
 */
PJ_API const char * PJ_CALL pj_event_name(int32_t event);

/* Copies the text of this thread's last failure: the function and the code's name, which key or argument, what
 * is wrong with it, and what would be right. It is for the programmer and for the log; pj_status_text has a
 * sentence for the cashier.
 *
 * Call it right after a call that failed, on the same thread. Calls that succeed leave the text alone, and so
 * does this one when it fails. The text never contains the value of a password or key. Before the first failure
 * it is empty.
 *
 * Text out works in all functions alike: `*len` becomes the length without the NUL and may be NULL; `cap` 0 only
 * asks for the length; PJ_ERR_BUFFER_TOO_SMALL when `cap` is less than the length and the NUL, and the buffer is
 * then empty. 512 bytes are always enough here, NUL included.
 *
 * Since 0.1. Never waits; allowed in a callback.
 */
PJ_API pj_status PJ_CALL pj_last_error(char *buf, uint32_t cap, uint32_t *len);


/* ==================================================================================================================
 * FIELDS: the one bag that carries configuration and the parameters of requests
 *
 * A bag is filled with keys and values, used, and freed. The keys: docs/configuration.md and docs/fields.md.
 * ==================================================================================================================
 */

/* Makes an empty bag. `*out` is its handle; give it back with pj_fields_free.
 *
 * A bag is copied where it is used, so one may be filled once and used again, and changed between. PJ_ERR_LIMIT:
 * no handle is left, because bags or requests are never freed.
 *
 * Since 0.1. Never waits; allowed in a callback.
 */
PJ_API pj_status PJ_CALL pj_fields_new(pj_fields **out);

/* Sets a text, in place of what the key had. Both are UTF-8 and copied; at most 64 KiB.
 *
 * Whether a key is known and its value right is checked where the bag is used, not here. PJ_ERR_INVALID_TEXT:
 * not UTF-8, or too long.
 *
 * Since 0.1. Never waits; allowed in a callback.
 */
PJ_API pj_status PJ_CALL pj_fields_set_text(pj_fields *fields, const char *key, const char *value);

/* Sets a whole number, in place of what the key had: an amount in minor units (1234 is 12.34), seconds, a count,
 * or 0 and 1 for no and yes.
 *
 * Since 0.1. Never waits; allowed in a callback.
 */
PJ_API pj_status PJ_CALL pj_fields_set_int(pj_fields *fields, const char *key, int64_t value);

/* Adds one more text to a key that takes several, such as the buttons of a prompt.
 *
 * Since 0.1. Never waits; allowed in a callback.
 */
PJ_API pj_status PJ_CALL pj_fields_add_text(pj_fields *fields, const char *key, const char *value);

/* Adds one more group of fields to a key that takes several, such as `line_items`. `item` is copied; it may be
 * used again or freed.
 *
 * Since 0.1. Never waits; allowed in a callback.
 */
PJ_API pj_status PJ_CALL pj_fields_add_item(pj_fields *fields, const char *key, const pj_fields *item);

/* Gives a bag back. NULL is nothing. PJ_ERR_INVALID_HANDLE: it was given back before.
 *
 * Since 0.1. Never waits; allowed in a callback.
 */
PJ_API pj_status PJ_CALL pj_fields_free(pj_fields *fields);


/* ==================================================================================================================
 * CLIENT: one merchant account at one vendor
 * ==================================================================================================================
 */

/* What pj_capable can be asked. */

/* pj_request_payment. */
#define PJ_CAN_REQUEST_PAYMENT               1
/* pj_request_refund. */
#define PJ_CAN_REQUEST_REFUND                2
/* pj_request_signature. */
#define PJ_CAN_REQUEST_SIGNATURE             3
/* pj_request_prompt. */
#define PJ_CAN_REQUEST_PROMPT                4
/* pj_request_input. */
#define PJ_CAN_REQUEST_INPUT                 5
/* pj_request_card_read. */
#define PJ_CAN_REQUEST_CARD_READ             6
/* pj_capture. */
#define PJ_CAN_CAPTURE                       7
/* pj_void. */
#define PJ_CAN_VOID                          8
/* pj_refund. */
#define PJ_CAN_REFUND                        9
/* pj_reverse. */
#define PJ_CAN_REVERSE                       10
/* pj_adjust_tip. */
#define PJ_CAN_ADJUST_TIP                    11
/* pj_fetch_transaction. */
#define PJ_CAN_FETCH_TRANSACTION             12
/* pj_fetch_receipt. */
#define PJ_CAN_FETCH_RECEIPT                 13
/* pj_send_receipt. */
#define PJ_CAN_SEND_RECEIPT                  14
/* pj_fetch_signature. */
#define PJ_CAN_FETCH_SIGNATURE               15
/* pj_reconcile. */
#define PJ_CAN_RECONCILE                     16
/* pj_self_check. */
#define PJ_CAN_SELF_CHECK                    17
/* pj_list_terminals. */
#define PJ_CAN_LIST_TERMINALS                18
/* pj_fetch_terminal. */
#define PJ_CAN_FETCH_TERMINAL                19
/* pj_pair_terminal. */
#define PJ_CAN_PAIR_TERMINAL                 20
/* pj_unpair_terminal. */
#define PJ_CAN_UNPAIR_TERMINAL               21
/* pj_set_terminal. */
#define PJ_CAN_SET_TERMINAL                  22
/* pj_identify_terminal. */
#define PJ_CAN_IDENTIFY_TERMINAL             23
/* pj_cancel reaches the terminal. Without it a payment ends only there, or by its own time. */
#define PJ_CAN_CANCEL                        40
/* The terminal can ask for a tip. */
#define PJ_CAN_TIPS                          41
/* A part of the amount can be approved, if the request allows it. */
#define PJ_CAN_PARTIAL                       42
/* A surcharge can be added. */
#define PJ_CAN_SURCHARGE                     43
/* A payment at the terminal can be authorized now and captured later. */
#define PJ_CAN_CAPTURE_LATER                 44
/* The card number can be keyed in at the terminal. */
#define PJ_CAN_MANUAL_ENTRY                  45
/* The vendor can keep the card and give a token for it. */
#define PJ_CAN_SAVE_CARD                     46
/* A request can interrupt what the terminal is doing. */
#define PJ_CAN_INTERRUPT_BUSY                47
/* A request can wait for a terminal that is not connected. */
#define PJ_CAN_WAIT_FOR_TERMINAL             48
/* Line items can be sent. */
#define PJ_CAN_LINE_ITEMS                    49
/* pj_webhook understands this vendor's messages. */
#define PJ_CAN_WEBHOOKS                      50
/* capture "later" charges the card and puts the charge on hold at once, in two steps. If the second step fails,
 * the money is taken: PJ_MONEY_MOVED with PJ_FLAG_CAPTURED.
 */
#define PJ_CAN_HOLD_AFTER                    51

/* Opens a client: checks the configuration, opens the journal, starts the library's threads.
 *
 * `config` is a bag with at least `vendor` and that vendor's credentials; it is copied, so free it afterwards.
 * `*out` is the new handle; give it back with pj_client_close. One client serves the whole program, from all its
 * threads. Nothing is sent by this call. Requests of earlier runs that were not acknowledged are in the pending
 * list at once.
 *
 * Waits at most 10 seconds, for the disk. Call it at the start of the program, not per sale.
 *
 * PJ_ERR_MISSING_FIELD, PJ_ERR_UNKNOWN_FIELD, PJ_ERR_INVALID_FIELD, PJ_ERR_CONFIG: correct the configuration;
 * pj_last_error names the key. PJ_ERR_JOURNAL: the journal's file cannot be written. PJ_ERR_JOURNAL_LOCKED:
 * another program, or another client of this one, has it open. PJ_ERR_THREAD: the system refused a thread.
 *
 * Since 0.1. May wait; allowed in a callback.
 */
PJ_API pj_status PJ_CALL pj_client_open(const pj_fields *config, pj_client **out);

/* Closes a client. Running payments go on at the terminal and at the vendor; the journal knows them, and the
 * next pj_client_open takes them up. What was not told is told then.
 *
 * Refuses new work, interrupts calls, wakes threads in pj_wait, pj_dispatch and pj_next_event with
 * PJ_ERR_CLOSED. PJ_OK: all threads of the library are out, the handle is dead, no callback runs any more. Calls
 * with handles of its requests answer PJ_ERR_CLOSED from then on; pj_request_free still takes them, in any
 * order, and NULL is nothing here too. PJ_ERR_WAIT_TIMEOUT: a callback on another thread has not returned; no
 * new one starts, and the handle is good for pj_client_close only. Call it again.
 *
 * Waits at most `timeout_ms` milliseconds; 0 not at all, -1 for ever. 5000 is a good value. A program that ends
 * without this call loses nothing. In the child of a fork it does nothing and returns PJ_OK.
 *
 * Since 0.1. May wait; PJ_ERR_REENTRANT in a callback.
 */
PJ_API pj_status PJ_CALL pj_client_close(pj_client *client, int32_t timeout_ms);

/* Tells whether this client's vendor and account can do something: `capability` is one of PJ_CAN_*, and `*yes`
 * becomes 1 or 0. Asks memory, not the network.
 *
 * PJ_ERR_INVALID_ARGUMENT: no PJ_CAN_* has this number. A newer program that must also run with an older library
 * takes that for "no".
 *
 * Since 0.1. Never waits; allowed in a callback.
 */
PJ_API pj_status PJ_CALL pj_capable(pj_client *client, int32_t capability, int32_t *yes);


/* ==================================================================================================================
 * NEWS
 *
 * A program learns how its requests fare in one of four ways. All tell the same.
 *
 * 1. It polls: pj_poll from a timer, for each open request. Nothing else in this section is needed then.
 * 2. Callbacks on its own thread (PJ_DELIVER_ON_DISPATCH), right for every program with a window: pj_on_event once,
 *    and pj_dispatch with timeout 0 from a timer, or when pj_wakeup_window or pj_wakeup_fd calls for it.
 * 3. Callbacks on a thread of the library (PJ_DELIVER_ON_THREAD).
 * 4. pj_next_event, without callbacks.
 *
 * An event is told when its callback has returned, or pj_next_event has given it out; if the program dies before, it
 * is told again. A result is told again at every start until it is acknowledged, so be ready to hear one twice.
 * In a callback everything may be called except pj_client_close, pj_wait, pj_dispatch and pj_next_event of the same
 * client (PJ_ERR_REENTRANT). The pj_get functions show the event's own state there.
 * ==================================================================================================================
 */

/* Why an event is told. */

/* There is no event. */
#define PJ_EVENT_NONE                        0
/* The running state, flags or message changed. Of these only the newest of each request is told. */
#define PJ_EVENT_STATE                       1
/* The final result. Told again after a restart, until pj_acknowledge. */
#define PJ_EVENT_RESULT                      2
/* A request that had ended without money was found approved: the customer has paid. Store that, acknowledge it
 * anew.
 */
#define PJ_EVENT_LATE_APPROVAL               3
/* The vendor's record of a finished request changed: another amount, or declined after approval. Or what
 * `confirm` does to a payment could not be done: PJ_MONEY_PENDING. Store that, acknowledge it anew.
 */
#define PJ_EVENT_RESULT_CHANGED              4
/* The transaction of a finished request was voided or refunded. PJ_STATE_CANCELED: a payment was undone by
 * `confirm`, because you did not acknowledge it in time; acknowledge that.
 */
#define PJ_EVENT_REVERSED                    5
/* The terminal has finished with a request whose result was told before. */
#define PJ_EVENT_TERMINAL_FREE               6
/* Another request of yours changed a finished payment: pj_adjust_tip its tip and with it the amount, pj_capture
 * took its money, or pj_void undid a refund of it. Or `confirm` took the money of a payment that you
 * acknowledged. The result shows the payment as it is now; nothing is acknowledged anew.
 */
#define PJ_EVENT_UPDATED                     7

/* Where callbacks run. */

/* Callbacks run inside your pj_dispatch. */
#define PJ_DELIVER_ON_DISPATCH               0
/* Callbacks run on one thread of the library. */
#define PJ_DELIVER_ON_THREAD                 1

/* One piece of news. It carries the whole state of its request, not a change: draw from it what you show. */
typedef struct pj_event {
    /* sizeof(pj_event); set by the library in a callback, by you before pj_next_event. */
    uint32_t struct_size;
    /* PJ_EVENT_*: why this is told. */
    int32_t kind;
    /* Number of the fact behind it. Rises; the same number again is the same event again. */
    uint32_t number;
    /* 0. */
    uint32_t reserved;
    /* The request. Lent: do not free it. pj_find gives a handle of your own. */
    pj_request *request;
    /* Its state at that moment; in a callback valid until the callback returns. */
    const pj_result *result;
} pj_event;

/* Called with each event. `user` is what you gave pj_on_event. `event` and what it points to are gone when it
 * returns.
 */
typedef void (PJ_CALL *pj_event_fn)(const pj_event *event, void *user);

/* Registers the function that is called with each event: once per client, before its first request.
 *
 * PJ_DELIVER_ON_DISPATCH: it is called inside your own pj_dispatch, on the thread that calls that. Right for
 * every program with a window. PJ_DELIVER_ON_THREAD: it is called on one thread of the library, one event at a
 * time, as soon as there is news. That thread is not yours: touch no window from it, and let no exception leave
 * the callback. It has every floating-point exception masked, whatever your own threads do: a division by zero
 * gives infinity there and raises nothing. Delphi programs set IsMultiThread := True first.
 *
 * `user` comes back with each call and is never looked at. PJ_ERR_WRONG_STATE: there is a callback already, or a
 * request was started. PJ_ERR_THREAD: the system refused the thread.
 *
 * Since 0.1. Never waits; allowed in a callback.
 */
PJ_API pj_status PJ_CALL pj_on_event(pj_client *client, pj_event_fn callback, void *user, int32_t delivery);

/* Calls your callbacks with the news there is. Waits until there is some, at most `timeout_ms` milliseconds: 0
 * not at all, right for a timer or a window message; -1 for ever, right for a thread of its own. Delivers what
 * was queued when the first arrived; what comes meanwhile wakes the window or the descriptor again.
 * `*delivered`, which may be NULL, becomes the number of events told. No news is PJ_OK with 0.
 *
 * An exception that leaves a callback passes through to you and harms nothing: that event was not told and comes
 * again at the next pj_dispatch, which must be called on the same thread. Not so in 32-bit Windows programs of
 * mingw: there each module unwinds its own frames only, so no C++ exception crosses this DLL; catch it inside
 * the callback. Those of Delphi and Free Pascal do cross it.
 *
 * PJ_ERR_BUSY: another thread is in pj_dispatch or pj_next_event of this client. PJ_ERR_REENTRANT: you are in a
 * callback; when that shows a dialog whose message loop came here, ignore it. PJ_ERR_CLOSED: stop your loop.
 * PJ_ERR_WRONG_STATE: no callback is registered, or the library's own thread delivers.
 *
 * Since 0.1. May wait; PJ_ERR_REENTRANT in a callback.
 */
PJ_API pj_status PJ_CALL pj_dispatch(pj_client *client, int32_t timeout_ms, uint32_t *delivered);

/* Fetches the next event without any callback: the same news for programs that would rather ask. Waits at most
 * `timeout_ms` milliseconds; 0 not at all, -1 for ever. An event given out counts as told.
 *
 * Set `event->struct_size`, and `result->struct_size` if `result` is not NULL. When there is no news, PJ_OK and
 * `event->kind` is PJ_EVENT_NONE; `result` is then left alone. Else `event->result` is your `result`, and
 * `event->request` is lent until the next call of this function.
 *
 * PJ_ERR_WRONG_STATE: the client has an event callback. PJ_ERR_BUSY, PJ_ERR_REENTRANT, PJ_ERR_CLOSED: as for
 * pj_dispatch.
 *
 * Since 0.1. May wait; PJ_ERR_REENTRANT in a callback.
 */
PJ_API pj_status PJ_CALL pj_next_event(
    pj_client *client,
    int32_t timeout_ms,
    pj_event *event,
    pj_result *result);

/* Gives a descriptor that poll, select and epoll show as readable while there is news: for Linux programs with a
 * loop of their own. It belongs to the library: only watch it, never read or close it, and call pj_dispatch when
 * it is readable. Always the same one; gone after pj_client_close.
 *
 * PJ_ERR_UNSUPPORTED: Windows; there pj_wakeup_window does it. PJ_ERR_THREAD: the system refused a socket pair.
 *
 * Since 0.1. Never waits; allowed in a callback.
 */
PJ_API pj_status PJ_CALL pj_wakeup_fd(pj_client *client, int32_t *fd);

/* Posts the message `message` (WM_APP + n) to the window `hwnd` whenever there is news: for Windows programs.
 * Call pj_dispatch with timeout 0 when it arrives. At most one message is under way; one that could not be
 * posted is tried again with the next news. One may arrive for which pj_dispatch finds nothing. Call it again
 * with the new window when the old one is destroyed, with NULL to stop.
 *
 * PJ_ERR_UNSUPPORTED: not Windows; there pj_wakeup_fd does it.
 *
 * Since 0.1. Never waits; allowed in a callback.
 */
PJ_API pj_status PJ_CALL pj_wakeup_window(pj_client *client, void *hwnd, uint32_t message);

/* How much of the log is told. */

/* No lines. */
#define PJ_LOG_NONE                          0
/* What failed. */
#define PJ_LOG_ERROR                         1
/* What may become a failure. */
#define PJ_LOG_WARN                          2
/* What happened: one line for each step of a payment. */
#define PJ_LOG_INFO                          3
/* What was said to the vendor and what it answered, redacted. */
#define PJ_LOG_DEBUG                         4
/* Everything, for the library's own developers. */
#define PJ_LOG_TRACE                         5

/* Called with each line of the log: its PJ_LOG_* level, and its text without a line end. Gone when it returns. */
typedef void (PJ_CALL *pj_log_fn)(int32_t level, const char *line, void *user);

/* Registers the function that is called with the lines of the library's log, up to `level` (PJ_LOG_*). It is
 * called where events are: inside pj_dispatch, or on the library's thread with PJ_DELIVER_ON_THREAD. A program
 * that uses pj_next_event calls pj_dispatch now and then for its log. At most 1000 lines are kept; those beyond
 * are counted, and a line says how many. Lines hold no passwords and no card data.
 *
 * May be called again, to change the level or the function; NULL or PJ_LOG_NONE ends it.
 * PJ_ERR_INVALID_ARGUMENT: `level` is not one of PJ_LOG_*.
 *
 * Since 0.1. Never waits; allowed in a callback.
 */
PJ_API pj_status PJ_CALL pj_on_log(pj_client *client, pj_log_fn callback, void *user, int32_t level);


/* ==================================================================================================================
 * WORK
 *
 * Every function here starts one kind of work and returns at once. `fields` is copied; NULL is an empty bag. `*out` is
 * the handle of the request; give it back with pj_request_free, at any time: the work goes on without it.
 *
 * What moves money needs a `reference`. `original` is the reference of an earlier payment of this journal,
 * `transaction` the vendor's id of any payment of the account.
 *
 * PJ_OK: it is on its way; whether it succeeds, its result says.
 * PJ_ERR_DUPLICATE_REFERENCE, PJ_ERR_REFERENCE_CONFLICT, PJ_ERR_TERMINAL_IN_USE, PJ_ERR_TRANSACTION_IN_USE: nothing was
 * started, and `*out` is the handle of the request that stands in the way; free it as well.
 * PJ_ERR_MISSING_FIELD, PJ_ERR_UNKNOWN_FIELD, PJ_ERR_INVALID_FIELD, PJ_ERR_INVALID_AMOUNT, PJ_ERR_INVALID_TEXT: nothing
 * was started; correct the program, pj_last_error says what.
 * PJ_ERR_UNSUPPORTED: this vendor cannot do it, or this version of the library cannot yet. Nothing was started.
 * PJ_ERR_RATE_LIMITED, PJ_ERR_LIMIT: nothing was started; wait a little, or free what is no longer needed.
 * PJ_ERR_CLOSED: the client was closed.
 *
 * Not yet available in this version, at any vendor: ask pj_capable, which is exact. The functions are here so that
 * programs can be written for them; until then they answer PJ_ERR_UNSUPPORTED and start nothing.
 * ==================================================================================================================
 */

/* Asks for a payment at a terminal: the customer presents a card there.
 *
 * Required: `amount` (the whole sum, in minor units), `reference`, and `terminal` unless the configuration names
 * one. Often: `currency`, `tip_amount` or `prompt_tip`, `tax_amount`, `invoice`, `order`, `clerk`, `capture`
 * ("now" or "later"), `allow_partial`, `prompt_receipt`, `prompt_signature`, `wait_for_terminal`, `line_items`.
 *
 * With the configuration `confirm` = "on_acknowledge" the payment only reserves the money, PJ_STATE_APPROVED
 * with PJ_MONEY_PENDING, and pj_acknowledge takes it. If you do not call it within `confirm_within` seconds, the
 * payment is undone, PJ_STATE_CANCELED with PJ_MONEY_REVERSED, told as PJ_EVENT_REVERSED; with `on_silence` =
 * "keep" nothing happens. While either is under way, other work on the payment is PJ_ERR_TRANSACTION_IN_USE. A
 * payment with `capture` "later" is not part of it: capture that yourself.
 *
 * Since 0.1. Never waits; allowed in a callback.
 */
PJ_API pj_status PJ_CALL pj_request_payment(pj_client *client, const pj_fields *fields, pj_request **out);

/* Asks for a refund at a terminal: the customer presents the card. Required: `amount`, `reference`, `terminal`.
 * To give back a payment that this library made, pj_refund or pj_reverse is better: no card is needed.
 *
 * Since 0.1. Never waits; allowed in a callback.
 */
PJ_API pj_status PJ_CALL pj_request_refund(pj_client *client, const pj_fields *fields, pj_request **out);

/* Asks the customer to sign a text on a terminal. Required: `terminal`, `terms` (up to 10,000 characters).
 * `merchant_terminal` where the vendor wants one; `reference` is optional and need not be unique.
 *
 * Ends COMPLETED with `signature.image` (bytes: pj_get_bytes), `signature.content_type` ("image/png") and
 * `signature.id`. If the image could not be had at once it is missing, and the message says so:
 * pj_fetch_signature gets it by `signature.id`. The image is kept in memory only, until the handle is given
 * back. A later run of the program gets the same result with `answer_gone` 1 and `signature.id`, but without the
 * image.
 *
 * This holds for all four questions: they occupy the terminal as a payment does, are followed, canceled and
 * acknowledged like one, and are in the pending list until then. They move no money: the result is COMPLETED,
 * CANCELED (pj_cancel, the red X, nobody came), FAILED (PJ_ERR_DEVICE_BUSY, PJ_ERR_DEVICE_OFFLINE, a lost
 * answer: the terminal may be showing it), or UNKNOWN with PJ_MONEY_NOT_MOVED when the terminal does not say for
 * twice `deadline` what became of it; watching goes on, and pj_resolve with PJ_DECISION_NOT_PAID gives it up.
 * They are never sent twice.
 *
 * Since 0.1. Never waits; allowed in a callback.
 */
PJ_API pj_status PJ_CALL pj_request_signature(pj_client *client, const pj_fields *fields, pj_request **out);

/* Shows a text with buttons on a terminal. Required: `terminal`, `text` (up to 10,000 characters, lines end with
 * a line feed), and `buttons`: pj_fields_add_text once for each, one to three, up to 8 characters, all
 * different.
 *
 * Ends COMPLETED with `prompt.button`, the text of the button that was pressed, and `prompt.index`, its place
 * counted from 0. Both are kept in memory only: a later run of the program gets COMPLETED with `answer_gone` 1.
 * The rest is as for pj_request_signature.
 *
 * Since 0.1. Never waits; allowed in a callback.
 */
PJ_API pj_status PJ_CALL pj_request_prompt(pj_client *client, const pj_fields *fields, pj_request **out);

/* Asks the customer to key something in at a terminal. Required: `terminal`; `input_type` says what ("phone", a
 * phone number of ten digits, is all there is).
 *
 * Ends COMPLETED with `input.value`. It is for your program only: pj_get_text and pj_get_bytes give it; it is in
 * no JSON, no log and no journal, and in memory only until the handle is given back. A later run of the program
 * gets COMPLETED with `answer_gone` 1. The rest is as for pj_request_signature.
 *
 * Since 0.1. Never waits; allowed in a callback.
 */
PJ_API pj_status PJ_CALL pj_request_input(pj_client *client, const pj_fields *fields, pj_request **out);

/* Reads the magnetic stripe of a card that is no payment card, such as a customer card. Required: `terminal`.
 * The vendor gives nothing of a payment card.
 *
 * Ends COMPLETED with `card_read.data`, the stripe as the terminal read it, and, as far as its sentinels tell
 * them apart, `card_read.track1`, `card_read.track2`, `card_read.track3`, sentinels included. They are for your
 * program only: pj_get_text and pj_get_bytes give them; they are in no JSON, no log and no journal, and in
 * memory only until the handle is given back. A later run of the program gets COMPLETED with `answer_gone` 1.
 * The rest is as for pj_request_signature.
 *
 * Since 0.1. Never waits; allowed in a callback.
 */
PJ_API pj_status PJ_CALL pj_request_card_read(pj_client *client, const pj_fields *fields, pj_request **out);

/* Takes the money of a payment that was only authorized (`capture` "later"). Required: `reference`, and
 * `original` or `transaction`. `amount` captures less than was authorized. The payment itself, which was
 * PJ_MONEY_PENDING, then shows PJ_MONEY_MOVED and tells it with PJ_EVENT_UPDATED. PJ_FLAG_AMOUNT_DIFFERS:
 * another sum was taken than you asked for.
 *
 * Since 0.1. Never waits; allowed in a callback.
 */
PJ_API pj_status PJ_CALL pj_capture(pj_client *client, const pj_fields *fields, pj_request **out);

/* Undoes a payment before it is settled, as a whole; the customer never sees it. Required: `reference`, and
 * `original` or `transaction`. After settlement the vendor refuses it: pj_refund, or pj_reverse, which tries
 * both.
 *
 * Since 0.1. Never waits; allowed in a callback.
 */
PJ_API pj_status PJ_CALL pj_void(pj_client *client, const pj_fields *fields, pj_request **out);

/* Gives back a settled payment, or a part of it, without the card. Required: `reference`, and `original` or
 * `transaction`; `amount` for a part.
 *
 * Since 0.1. Never waits; allowed in a callback.
 */
PJ_API pj_status PJ_CALL pj_refund(pj_client *client, const pj_fields *fields, pj_request **out);

/* Gives a payment back by whichever of void and refund the vendor still allows. Required: `reference`, and
 * `original` or `transaction`. It refunds only after the vendor has refused the void, never after a lost answer.
 *
 * Since 0.1. Never waits; allowed in a callback.
 */
PJ_API pj_status PJ_CALL pj_reverse(pj_client *client, const pj_fields *fields, pj_request **out);

/* Sets the tip of a payment that is not settled yet. Required: `reference`, `tip_amount` (the whole tip, not a
 * difference), and `original` or `transaction`. The result has the new whole in `approved_amount`; the payment
 * itself shows it too, and tells it with PJ_EVENT_UPDATED. Needs PJ_CAN_ADJUST_TIP.
 *
 * Since 0.1. Never waits; allowed in a callback.
 */
PJ_API pj_status PJ_CALL pj_adjust_tip(pj_client *client, const pj_fields *fields, pj_request **out);

/* Reads a transaction from the vendor. Required: `original` or `transaction`. Ends COMPLETED with its values.
 *
 * Since 0.1. Never waits; allowed in a callback.
 */
PJ_API pj_status PJ_CALL pj_fetch_transaction(pj_client *client, const pj_fields *fields, pj_request **out);

/* Fetches the vendor's receipt of a transaction. Required: `original` or `transaction`. `format` is "thermal"
 * (narrow, the default) or "fullpage"; `unsigned` 1 leaves the signature out.
 *
 * Ends COMPLETED with `receipt` (bytes of an HTML page: pj_get_bytes, or pj_get_text), `receipt.content_type`,
 * which names the characters' encoding where it is not UTF-8, and `receipt.format`.
 *
 * This holds for all errands, that is for receipts, signatures that are fetched, terminals and the check: they
 * move no money, leave nothing in the journal, need no acknowledgment, and their values stay readable until the
 * handle is given back. They end COMPLETED, CANCELED, or FAILED, always with PJ_MONEY_NOT_MOVED. Reads are
 * repeated for up to `deadline` seconds while the network or the vendor fails; PJ_ERR_NOT_FOUND and the like end
 * them at once. What must not be done twice is sent once: when its answer is lost it is FAILED, and the message
 * says that it may have been done.
 *
 * Since 0.1. Never waits; allowed in a callback.
 */
PJ_API pj_status PJ_CALL pj_fetch_receipt(pj_client *client, const pj_fields *fields, pj_request **out);

/* Has the vendor send a receipt by e-mail. Required: `email`, and `original` or `transaction`; at PayJunction
 * also `reply_to`. `request_signature` 1 asks the customer to sign by e-mail, too; without it nobody is asked.
 *
 * Ends COMPLETED when the vendor has taken it. It is sent once: see pj_fetch_receipt.
 *
 * Since 0.1. Never waits; allowed in a callback.
 */
PJ_API pj_status PJ_CALL pj_send_receipt(pj_client *client, const pj_fields *fields, pj_request **out);

/* Fetches a signature as an image. Required: one of `original`, `transaction`, and `signature`, the
 * `signature.id` of a pj_request_signature.
 *
 * Ends COMPLETED with `signature.image` (bytes: pj_get_bytes) and `signature.content_type`. PJ_ERR_NOT_FOUND:
 * nobody signed.
 *
 * Since 0.1. Never waits; allowed in a callback.
 */
PJ_API pj_status PJ_CALL pj_fetch_signature(pj_client *client, const pj_fields *fields, pj_request **out);

/* Compares the vendor's books with the journal, for a day or another span: what is charged and unknown here,
 * what is known here and not at the vendor, and what differs. Required: `from` and `until`, such as
 * 2026-01-31T00:00:00Z and 2026-01-31T23:59:59Z, both included, at most 31 days apart. They are UTC, and are
 * held against the vendor's times; at EBizCharge and USAePay they are the merchant account's own time, whatever
 * the Z says, because the books there have no other. PayJunction reads the books of one `merchant_terminal` if
 * the request or the configuration names one, else all that the login sees.
 *
 * It compares what this till was told with what the vendor shows now, and changes nothing. One thing follows
 * from it: a transaction that carries the key of a payment in PJ_STATE_UNKNOWN is read, and may settle that
 * payment as any other news does. The journal is this till's own: with several tills on an account, the others'
 * payments are charged_unknown here, with `other_till` 1 where the key tells. Other clocks are no matter, but
 * for a PC whose date was wrong when it asked and is right now.
 *
 * Ends COMPLETED with PJ_OK, whether or not anything differs: the message counts the differences in one sentence
 * for the cashier, and the advice is PJ_ADVICE_DONE if there are none, PJ_ADVICE_RESOLVE if a person has to
 * look. Values, amounts in minor units: `differences.count`, and of each kind `differences.charged_unknown`,
 * `.missing_at_vendor`, `.amount_differs`, `.state_differs`; `matched.count`; `transactions.count` and
 * `transactions.amount` (approved at the vendor, charges less refunds), `payments.count` and `payments.amount`
 * (the same by the journal); `too_new.count` (paid so shortly before that the vendor's list may lack it),
 * `unknown.count` (in PJ_STATE_UNKNOWN). For each difference, counted from 0, the first 500 in order of time:
 * `differences.0.kind` (one of the four words), `.transaction_id`, `.vendor_amount`, `.vendor_state`
 * ("approved", "authorized", "voided", "declined"), `.reference`, `.amount`, `.state` ("PJ_STATE_APPROVED") as
 * this till was told, `.currency`, `.time` (as the vendor writes it), `.terminal`, `.merchant_terminal`,
 * `.card_last4`, `.invoice`, `.refund` (1 or 0), `.other_till` (1 or 0). What is not known has no value.
 *
 * The vendor's list is read whole or not at all, a page at a time, in the background: of a limited number of
 * calls it takes at most a tenth, so that a long day at EBizCharge takes minutes. A page that cannot be read
 * begins the list anew, and the fourth such failure ends it FAILED; nothing is said about a part.
 * PJ_ERR_REJECTED: the span holds more than 200 pages, or the journal no longer keeps its facts
 * (`retention_days`); the text says which. It is not kept: after a restart ask again.
 *
 * Since 0.1. Never waits; allowed in a callback.
 */
PJ_API pj_status PJ_CALL pj_reconcile(pj_client *client, const pj_fields *fields, pj_request **out);

/* Checks an installation: name lookup, network, certificate, login, and the terminal and merchant account of the
 * configuration or of the fields `terminal` and `merchant_terminal`. For the installer and the support desk. One
 * to a few calls, without effect; it does not wait for a failure to heal.
 *
 * Ends COMPLETED when all is well, else FAILED with the status, the message and the advice that say what is
 * wrong. Values, as far as it came: `check.latency_ms` (milliseconds from the last question to its answer),
 * `check.clock_ahead_seconds` (this computer's clock against the vendor's, negative when it is behind; a minute
 * does no harm), `check.terminal_known` and `check.merchant_terminal_known` (1 or 0, if one was to be looked
 * for).
 *
 * Since 0.1. Never waits; allowed in a callback.
 */
PJ_API pj_status PJ_CALL pj_self_check(pj_client *client, const pj_fields *fields, pj_request **out);

/* Lists the account's terminals, all pages of them. Needs no fields.
 *
 * Ends COMPLETED with `terminals.count` and for each, counted from 0: `terminals.0.id`, `terminals.0.name`,
 * `terminals.0.serial`, `terminals.0.model`, `terminals.0.created`, and `terminals.0.status` in the vendor's own
 * words where it tells one (PayJunction does not). PayJunction's merchant accounts stand beside them:
 * `merchant_terminals.count`, `merchant_terminals.0.id`, `.name`, `.type` ("CARD" or "ACH"), `.enabled` (1 or
 * 0), `.account`, `.company`, `.legal_name`, `.merchant_number`, `.surcharge.enabled` (1 or 0),
 * `.surcharge.percentage` ("3.0"). What the vendor does not tell has no value.
 *
 * Since 0.1. Never waits; allowed in a callback.
 */
PJ_API pj_status PJ_CALL pj_list_terminals(pj_client *client, const pj_fields *fields, pj_request **out);

/* Reads one terminal. Required: `terminal`.
 *
 * Ends COMPLETED with `terminal.id`, `terminal.name`, and so on as in pj_list_terminals; at EBizCharge also its
 * settings under the keys that pj_set_terminal takes, such as `settings.timeout`; at JustiFi `terminal.status`
 * is asked of the device network now. PJ_ERR_UNKNOWN_DEVICE: the account has no such terminal.
 *
 * Since 0.1. Never waits; allowed in a callback.
 */
PJ_API pj_status PJ_CALL pj_fetch_terminal(pj_client *client, const pj_fields *fields, pj_request **out);

/* Pairs a new terminal with the account (EBizCharge). Required: `name`. Also `terminal_type` and `settings.*`.
 *
 * Ends COMPLETED with `terminal.id`, `pairing.code` and `pairing.expires`. Show the code to the person at the
 * terminal, who keys it in there within a few minutes; pj_fetch_terminal tells when it is done. The code is a
 * text of digits: leading zeros are kept, and put back to six digits where the vendor has sent it as a number.
 * It is sent once: see pj_fetch_receipt.
 *
 * Since 0.1. Never waits; allowed in a callback.
 */
PJ_API pj_status PJ_CALL pj_pair_terminal(pj_client *client, const pj_fields *fields, pj_request **out);

/* Removes a terminal from the account (EBizCharge): it has to be paired again by somebody who stands before it.
 * Required: `terminal`, in the request itself: the configuration's default does not count here. It is sent once:
 * see pj_fetch_receipt.
 *
 * Since 0.1. Never waits; allowed in a callback.
 */
PJ_API pj_status PJ_CALL pj_unpair_terminal(pj_client *client, const pj_fields *fields, pj_request **out);

/* Changes a terminal. Required: `terminal`, and what is to be changed: `name` (EBizCharge, JustiFi) or
 * `settings.*` (EBizCharge). What is not set stays as it is.
 *
 * `reconnect` 1 (EBizCharge) changes nothing but cuts the terminal's connection to the vendor, so that it
 * connects anew: for a terminal that hangs. Whatever it is doing is lost, a payment too. It stands alone and is
 * sent once: see pj_fetch_receipt.
 *
 * Since 0.1. Never waits; allowed in a callback.
 */
PJ_API pj_status PJ_CALL pj_set_terminal(pj_client *client, const pj_fields *fields, pj_request **out);

/* Makes a terminal show its name, so that a person can find it (JustiFi, for 20 seconds). Required: `terminal`.
 *
 * Since 0.1. Never waits; allowed in a callback.
 */
PJ_API pj_status PJ_CALL pj_identify_terminal(pj_client *client, const pj_fields *fields, pj_request **out);


/* ==================================================================================================================
 * LIFE OF A REQUEST
 *
 * Ask pj_poll or pj_wait, or hear its events. Store the final result, then pj_acknowledge it. The pending list is
 * everything that is not yet settled between you and the library: what runs, what is UNKNOWN, and what has ended
 * and was not acknowledged. It survives crashes and restarts.
 * ==================================================================================================================
 */

/* A person's word, for pj_resolve. */

/* The customer has paid. */
#define PJ_DECISION_PAID                     1
/* The customer has not paid. */
#define PJ_DECISION_NOT_PAID                 2
/* Not clear yet: look again now, and go on. */
#define PJ_DECISION_KEEP_LOOKING             3

/* Copies the newest state of a request. Memory only, well under a microsecond: call it from a timer as often as
 * you like.
 *
 * Set `result->struct_size` first. PJ_OK says that the result was filled in, not that the payment is well: look
 * at `state`, `money` and `advice` for that.
 *
 * Since 0.1. Never waits; allowed in a callback.
 */
PJ_API pj_status PJ_CALL pj_poll(pj_request *request, pj_result *result);

/* Waits until a request has ended or its outcome is PJ_STATE_UNKNOWN, at most `timeout_ms` milliseconds; 0 not
 * at all, -1 for ever. For programs without a window, and for tests. Several threads may wait for one request.
 *
 * PJ_OK: it has, look at `state`. PJ_ERR_WAIT_TIMEOUT: it is still running; nothing is wrong, call again. The
 * result is filled in in both cases. PJ_ERR_CLOSED: the client was closed meanwhile. PJ_ERR_REENTRANT: you are
 * in a callback.
 *
 * Since 0.1. May wait; PJ_ERR_REENTRANT in a callback.
 */
PJ_API pj_status PJ_CALL pj_wait(pj_request *request, int32_t timeout_ms, pj_result *result);

/* Asks for a request to be canceled. Returns at once; whether it is canceled, the result says: the customer may
 * have paid in the meantime. May be called at any time and repeatedly.
 *
 * PJ_ERR_WRONG_STATE: it has ended. PJ_ERR_UNSUPPORTED: this vendor's terminals cannot be reached for that (see
 * PJ_CAN_CANCEL); cancel at the terminal, and keep waiting for the result.
 *
 * Since 0.1. Never waits; allowed in a callback.
 */
PJ_API pj_status PJ_CALL pj_cancel(pj_request *request);

/* Says that you have stored the final result of a request, on disk, with the sale. From then on it is not told
 * again and is not in the pending list. Until then it is, also after a crash or a restart: that is what makes
 * sure that no payment is lost between this library and your database. Saying it twice is PJ_OK. You may do so,
 * and close the client, before PJ_FLAG_TERMINAL_FREE is set.
 *
 * With the configuration `confirm` = "on_acknowledge" it also says that the money of a payment may be taken: the
 * library captures the authorization, in the background, and PJ_EVENT_UPDATED tells PJ_MONEY_MOVED. If the
 * program or the machine ends before that, it goes on at the next pj_client_open; an authorization lapses when
 * nobody opens the client for days. A capture that the vendor refuses, or that never gets through, is
 * PJ_EVENT_RESULT_CHANGED with PJ_MONEY_PENDING: acknowledge that too, and use pj_capture or pj_void. After a
 * restart acknowledge again what is told again, in time (`confirm_within`); of a capture that is done only the
 * journal knows then, as pj_find shows. A late approval is never captured by itself.
 *
 * PJ_ERR_WRONG_STATE: it has not ended; or a late approval, or a change of the vendor's record, has arrived that
 * you have not been shown: look at the request with pj_poll, store that, and call again; or, under `confirm`,
 * you did not call in time and the payment is being undone: wait for PJ_EVENT_REVERSED, and acknowledge that.
 * Success here and the undoing exclude each other.
 *
 * Since 0.1. Never waits; allowed in a callback.
 */
PJ_API pj_status PJ_CALL pj_acknowledge(pj_request *request);

/* Decides a request whose state is PJ_STATE_UNKNOWN by a person's word, after that person has looked at the
 * terminal and at the vendor's own record. `decision` is PJ_DECISION_PAID, PJ_DECISION_NOT_PAID or
 * PJ_DECISION_KEEP_LOOKING; `by` names the person and `reason` says what was seen; both are kept in the journal.
 *
 * PAID makes it APPROVED and NOT_PAID makes it FAILED, both with PJ_FLAG_RESOLVED; reference and terminal are
 * free again; pj_wait waits until that has happened. The library goes on looking: if the person was wrong,
 * PJ_EVENT_LATE_APPROVAL or PJ_EVENT_RESULT_CHANGED tells. PJ_ERR_WRONG_STATE: the state is another one.
 * PJ_ERR_INVALID_ARGUMENT: PAID for a question that moves no money.
 *
 * Since 0.1. Never waits; allowed in a callback.
 */
PJ_API pj_status PJ_CALL pj_resolve(pj_request *request, int32_t decision, const char *by, const char *reason);

/* Gives one use of a handle back. The payment itself goes on, and pj_find and pj_pending_at find it again.
 *
 * Every function that hands a handle out adds one use, and this takes one: call it once for each time you were
 * given the handle. Not for the handle in an event, which is lent. NULL is nothing. Also right after
 * pj_client_close, in any order. PJ_ERR_INVALID_HANDLE: one time too many.
 *
 * Since 0.1. Never waits; allowed in a callback.
 */
PJ_API pj_status PJ_CALL pj_request_free(pj_request *request);

/* Counts the pending requests, and freezes the list that pj_pending_at walks: those that have not ended, are
 * UNKNOWN, or whose result you have not acknowledged, oldest first. Walk it at the start of the program, and
 * store and acknowledge what has ended: these are the payments that a crash or a power cut left over.
 *
 * Since 0.1. Never waits; allowed in a callback.
 */
PJ_API pj_status PJ_CALL pj_pending_count(pj_client *client, uint32_t *count);

/* Gives a handle of the pending request with this index, counted from 0, in the list that the last
 * pj_pending_count froze. Give it back with pj_request_free. PJ_ERR_NO_SUCH_REQUEST: the list is shorter.
 *
 * Since 0.1. Never waits; allowed in a callback.
 */
PJ_API pj_status PJ_CALL pj_pending_at(pj_client *client, uint32_t index, pj_request **out);

/* Gives a handle of the newest request with this reference. Give it back with pj_request_free.
 *
 * PJ_ERR_NO_SUCH_REQUEST: the journal has none, and within its retention (see `retention_days`) that is proof
 * that none was sent. This is the question to ask when your program does not remember whether it asked for a
 * payment.
 *
 * Since 0.1. Never waits; allowed in a callback.
 */
PJ_API pj_status PJ_CALL pj_find(pj_client *client, const char *reference, pj_request **out);

/* Copies one value of a request as text: a member of pj_result by its name, or one of the further values that
 * the kind of work brings, such as `terminals.count` and `terminals.0.name`. Numbers come as digits, bytes if
 * they are UTF-8. Memory only. In a callback the value is that of the event.
 *
 * Buffers work as in pj_last_error. PJ_ERR_NO_VALUE: there is no such value, or not yet. PJ_ERR_INVALID_FIELD:
 * it is no text; use pj_get_bytes.
 *
 * Since 0.1. Never waits; allowed in a callback.
 */
PJ_API pj_status PJ_CALL pj_get_text(pj_request *request, const char *key, char *buf, uint32_t cap, uint32_t *len);

/* Copies one value of a request as a whole number. PJ_ERR_NO_VALUE: there is no such value, or not yet.
 * PJ_ERR_INVALID_FIELD: it is a text, or bytes.
 *
 * Since 0.1. Never waits; allowed in a callback.
 */
PJ_API pj_status PJ_CALL pj_get_int(pj_request *request, const char *key, int64_t *value);

/* Copies one value of a request as bytes, such as the image of a signature; a text comes as its UTF-8. Buffers
 * work as in pj_last_error, but there is no NUL, and `cap` equal to the length is enough.
 *
 * Since 0.1. Never waits; allowed in a callback.
 */
PJ_API pj_status PJ_CALL pj_get_bytes(pj_request *request, const char *key, void *buf, uint32_t cap, uint32_t *len);

/* Copies all values of a request as one JSON text, for logs and for programs that like JSON. Bytes come as
 * base64. What is for the program only is not in it: `input.value` and `card_read.*`, which pj_get_text gives.
 * Buffers work as in pj_last_error. PJ_ERR_NO_VALUE: the library has not prepared it yet.
 *
 * Since 0.1. Never waits; allowed in a callback.
 */
PJ_API pj_status PJ_CALL pj_get_json(pj_request *request, char *buf, uint32_t cap, uint32_t *len);


/* ==================================================================================================================
 * THE REST
 * ==================================================================================================================
 */

/* Hands in what the vendor posted to a web server of yours, so that news comes at once instead of at the next
 * look. For programs that have such a server; all others lose nothing, for the library looks by itself.
 *
 * `headers` are the HTTP headers as "Name: value" lines, ended by LF or CR LF, in any order, UTF-8, at most 64
 * KiB. The request line may stand before them. `body` is the body as it came, `len` bytes, at most 1 MiB: not
 * parsed, not converted and not ended by NUL, because the signature covers the very bytes. Both are copied.
 *
 * The signature is checked now, on your thread, with `webhook_secret` of the configuration: the secret that you
 * told the vendor, or that the vendor shows where you subscribe. It takes microseconds, a few milliseconds for
 * the largest body; nothing waits for disk or network, so you can answer the vendor right after it. What the
 * event says is believed in nothing. It makes the library ask the vendor about the payment that it names, and
 * the answer is told like any other news. Events may come in any order, late, before the payment is known, or
 * about what other programs did. Any thread may call, also several at a time.
 *
 * What to answer to the vendor's HTTP request:
 *
 * PJ_OK: 200. A repetition is PJ_OK too, and does nothing. So is an event that this version does not know.
 *
 * PJ_ERR_SIGNATURE: 401. Forged, changed on its way, signed with another secret, or without the signature's
 * header.
 *
 * PJ_ERR_INVALID_ARGUMENT, PJ_ERR_INVALID_TEXT, PJ_ERR_LIMIT: 400. No body, a body that is too long, or headers
 * that are no text.
 *
 * PJ_ERR_CONFIG (there is no `webhook_secret`: nothing unsigned is ever taken), PJ_ERR_UNSUPPORTED (see
 * PJ_CAN_WEBHOOKS), PJ_ERR_CLOSED and everything else: 503, and the vendor comes again. PayJunction waits 15
 * seconds for the answer and JustiFi 5.
 *
 * Since 0.1. Never waits; allowed in a callback.
 */
PJ_API pj_status PJ_CALL pj_webhook(pj_client *client, const char *headers, const void *body, uint32_t len);

/* Writes one file to mail to support: everything that tells why a payment went as it did.
 *
 * It holds the library's version and the system, the settings (of a secret only whether it is set), where each
 * request stands, the account's pace and session, the journal's place, size and check, the facts of the open and
 * the newest payments with their times, and the newest log lines. It is UTF-8 text, at most 4 MiB, to be read
 * from top to bottom. Passwords, card data, and what was said of the customer (names, addresses, goods, notes)
 * are not in it; references, amounts, terminals and the vendor's ids are.
 *
 * `path` is the file's path in UTF-8, on Windows too; it is copied. The file is written under another name in
 * the same directory and then put in its place, readable by its owner only. A diagnostics file that is there
 * already is replaced. Anything else that is there, a link included, is left alone: PJ_ERR_FILE.
 *
 * Asks no network, so it works when the vendor cannot be reached, and while payments run. It may be called from
 * any thread, also in a callback. Waits for the disk, at most 15 seconds; the journal waits meanwhile for the
 * check of its file, which takes some tenths of a second.
 *
 * PJ_ERR_FILE: the file cannot be written; pj_last_error has the path and the cause. PJ_ERR_INVALID_ARGUMENT: no
 * path. PJ_ERR_THREAD: the system refused a thread. PJ_ERR_CLOSED: the client was closed.
 *
 * Since 0.1. May wait; allowed in a callback.
 */
PJ_API pj_status PJ_CALL pj_diagnostics(pj_client *client, const char *path);

#ifdef __cplusplus
}
#endif

#endif
