/* A till's side of card payments, whole: the program to copy from.
 *
 *   checkout --reference NEW --amount CENTS [--cancel]      takes a payment; --cancel cancels it at the terminal
 *   checkout --reference NEW --amount CENTS --hold          reserves the money; a capture takes it later
 *   checkout --reference NEW --capture OLD [--amount CENTS] takes reserved money, or a part of it
 *   checkout --reference NEW --tip OLD --amount CENTS       adds or changes the tip of a payment
 *   checkout --reference NEW --refund OLD [--amount CENTS]  gives a payment back, or a part of it
 *   checkout --reference NEW --void OLD                     undoes a payment that is not settled yet
 *   checkout --reference NEW --reverse OLD                  the one or the other, whichever is still possible
 *   checkout --paid OLD | --unpaid OLD                      a person's word on a payment whose outcome is not known
 *   checkout --reconcile 2026-01-31                         compares a day with the vendor's books
 *   checkout --diagnostics FILE                             writes a file to mail to support
 *   checkout                                                takes up what the last run left over, as every run does
 *
 * --sales FILE is the book of sales, which stands for the till's database. All other options are keys of the library's
 * configuration: --vendor, --base-url, --journal, --terminal, --merchant-terminal ... Credentials come from there, or
 * from the environment: PJ_LOGIN, PJ_PASSWORD and what else `secrets` below names. Ctrl-C asks to cancel.
 *
 * Exit status: 0 done, 1 ended without money, 2 a mistake in the call or the set-up, 3 not known yet, 4 paid in part.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "posjunction.h"

enum { DONE, NO_MONEY, MISTAKE, NOT_KNOWN, IN_PART };
enum { REFUND, VOID, REVERSE, CAPTURE, TIP, WORKS, REFERENCE = WORKS, AMOUNT, SALES, PAID, UNPAID, RECONCILE, DIAGNOSTICS,
    CANCEL, HOLD, OPTIONS };

/* Those of CANCEL and after stand alone, the others have a value. */
static const char *const names[] = {"refund", "void", "reverse", "capture", "tip", "reference", "amount", "sales", "paid",
    "unpaid", "reconcile", "diagnostics", "cancel", "hold"};
/* Work on an earlier payment, in the order of the names. What the vendor cannot do is PJ_ERR_UNSUPPORTED. */
typedef pj_status(PJ_CALL *work)(pj_client *, const pj_fields *, pj_request **);
static const work works[] = {pj_refund, pj_void, pj_reverse, pj_capture, pj_adjust_tip};
static const char *given[OPTIONS];
static volatile sig_atomic_t interrupted;

static void on_interrupt(int number)
{
    interrupted = number;
}

/* A function of the library has failed: says which, why, and with which PJ_ERR_ code. */
static int failed(void)
{
    char text[512] = "";
    pj_last_error(text, sizeof text, NULL);
    fprintf(stderr, "%s\n", text);
    return MISTAKE;
}

/* Writes a line into the book. That a line can come twice does no harm: the reference tells. */
static int stored(const char *name, const char *event, long cents, const char *transaction)
{
    FILE *file = fopen(given[SALES] ? given[SALES] : "sales.txt", "a");
    int good = file && fprintf(file, "%s %s %ld %s\n", name, event, cents, transaction) > 0;
    if (file && fclose(file) != 0) good = 0;
    if (!good) perror("the book of sales");
    return good;
}

/* Shows a request until it has ended, or is not known. In a program with a window: this in a timer, with pj_poll. */
static pj_status follow(pj_request *request, pj_result *r)
{
    pj_result before = {0};
    int asked = 0;
    pj_status status;

    do {
        r->struct_size = sizeof *r;
        status = pj_wait(request, 100, r);
        if (status != PJ_OK && status != PJ_ERR_WAIT_TIMEOUT) return status;
        if (r->state != before.state || strcmp(r->message, before.message) != 0)
            printf("%s %5.1f s  %-20s %s\n", r->reference, r->elapsed_ms / 1e3, pj_state_name(r->state), r->message);
        before = *r;
        if (!asked && (interrupted || (given[CANCEL] && r->state >= PJ_STATE_CONNECTING))) {
            asked = 1; /* Only asked: the customer may be faster, and the result tells. */
            if (pj_cancel(request) == PJ_ERR_UNSUPPORTED) puts("          Cancel at the terminal, please.");
        }
    } while (status == PJ_ERR_WAIT_TIMEOUT);
    return PJ_OK;
}

/* Follows a request to its end, stores the result, acknowledges it, and gives the handle back. */
static int finish(pj_request *request)
{
    pj_result r;
    pj_status status = follow(request, &r);
    int outcome = MISTAKE;

    if (status != PJ_OK) {
        failed();
    } else if (!(r.flags & PJ_FLAG_FINAL)) { /* PJ_STATE_UNKNOWN */
        outcome = NOT_KNOWN; /* It stays pending; nobody asks for this money again. */
    } else if (stored(r.reference, pj_state_name(r.state), (long)r.approved_amount, r.transaction_id)) {
        printf("%s: %s, %s %ld.%02ld %s, transaction %s, %s\n", r.reference, pj_status_name(r.status),
            pj_money_name(r.money), (long)(r.approved_amount / 100), (long)(r.approved_amount % 100), r.currency,
            r.transaction_id[0] ? r.transaction_id : "none", pj_advice_name(r.advice));
        if (pj_acknowledge(request) != PJ_OK) failed(); /* Only now that the book has it. Failed, it comes again. */
        outcome = r.state != PJ_STATE_APPROVED ? NO_MONEY : r.flags & PJ_FLAG_PARTIAL ? IN_PART : DONE;
    }
    pj_request_free(request);
    return outcome;
}

/* Finishes what is pending: what an earlier run did not live to see, and approvals that came late. */
static int take_up(pj_client *client)
{
    uint32_t count = 0, i;
    pj_request *request;
    pj_status status = pj_pending_count(client, &count);
    int outcome = DONE;

    for (i = 0; i < count && (status = pj_pending_at(client, i, &request)) == PJ_OK; i++) {
        printf("pending, %u of %u:\n", (unsigned)i + 1, (unsigned)count);
        if (finish(request) == NOT_KNOWN) outcome = NOT_KNOWN;
    }
    return status == PJ_OK ? outcome : failed();
}

/* Asks for a payment, or for work on an earlier one. The book has its reference first, and so knows later what to look for. */
static int ask(pj_client *client)
{
    char *end = NULL;
    long cents = given[AMOUNT] ? strtol(given[AMOUNT], &end, 10) : 0;
    pj_fields *fields = NULL;
    pj_request *request = NULL;
    pj_status status;
    int kind = 0;

    while (kind < WORKS && !given[kind]) kind++;
    if (end && *end) cents = -1; /* not a number, and the library says so */
    if (!stored(given[REFERENCE], "asked", cents, "")) return MISTAKE;
    status = pj_fields_new(&fields);
    if (status == PJ_OK) status = pj_fields_set_text(fields, "reference", given[REFERENCE]);
    if (status == PJ_OK && given[AMOUNT])
        status = pj_fields_set_int(fields, kind == TIP ? "tip_amount" : "amount", cents);
    if (status == PJ_OK && given[HOLD]) status = pj_fields_set_text(fields, "capture", "later");
    if (status == PJ_OK && kind < WORKS) status = pj_fields_set_text(fields, "original", given[kind]);
    if (status == PJ_OK) status = (kind < WORKS ? works[kind] : pj_request_payment)(client, fields, &request);
    pj_fields_free(fields);
    if (status != PJ_OK) failed();
    if (status == PJ_OK || status == PJ_ERR_DUPLICATE_REFERENCE) return finish(request);
    pj_request_free(request); /* NULL, or the request that stands in the way */
    return MISTAKE;
}

/* Passes on what a person has seen at the terminal and in the vendor's record. */
static int decide(pj_client *client)
{
    int32_t decision = given[PAID] ? PJ_DECISION_PAID : PJ_DECISION_NOT_PAID;
    pj_request *request;
    pj_status status = pj_find(client, given[PAID] ? given[PAID] : given[UNPAID], &request);

    if (status != PJ_OK) return failed();
    status = pj_resolve(request, decision, "cashier", "saw the slip and the vendor's record");
    if (status != PJ_OK) failed();
    return finish(request);
}

/* Prints what differs between this till and the vendor's books. */
static int reconcile(pj_client *client)
{
    static const char *const keys[] = {"kind", "reference", "transaction_id", "time"};
    char key[64], text[100];
    pj_fields *fields = NULL;
    pj_request *request = NULL;
    pj_result r;
    int i, k, more = 1;
    pj_status status = pj_fields_new(&fields);

    snprintf(text, sizeof text, "%.10sT00:00:00Z", given[RECONCILE]);
    if (status == PJ_OK) status = pj_fields_set_text(fields, "from", text);
    snprintf(text, sizeof text, "%.10sT23:59:59Z", given[RECONCILE]);
    if (status == PJ_OK) status = pj_fields_set_text(fields, "until", text);
    if (status == PJ_OK) status = pj_reconcile(client, fields, &request);
    pj_fields_free(fields);
    if (status == PJ_OK) status = follow(request, &r);
    if (status != PJ_OK) failed();
    for (i = 0; status == PJ_OK && more; i++) {
        for (k = 0; k < 4; k++) {
            snprintf(key, sizeof key, "differences.%d.%s", i, keys[k]);
            if (pj_get_text(request, key, text, sizeof text, NULL) != PJ_OK) strcpy(text, "-");
            if (k == 0) more = text[0] != '-';
            if (more) printf("%s%s", text, k < 3 ? "  " : "\n");
        }
    }
    pj_request_free(request);
    return status == PJ_OK && r.state == PJ_STATE_COMPLETED ? DONE : MISTAKE;
}

/* Reads the command line. What is not for this program is for the library, and pj_client_open checks it. */
static pj_status configure(pj_fields *config, int argc, char **argv)
{
    static const char *const secrets[] = {"PJ_LOGIN", "PJ_PASSWORD", "PJ_APPLICATION_KEY", "PJ_API_KEY", "PJ_PIN",
        "PJ_CLIENT_ID", "PJ_CLIENT_SECRET", "PJ_SUB_ACCOUNT"};
    static const char *const keys[] = {"login", "password", "application_key", "api_key", "pin", "client_id",
        "client_secret", "sub_account"};
    pj_status status = pj_fields_set_text(config, "vendor", "payjunction");
    const char *value;
    char *key, *dash;
    int i, k;

    for (k = 0; status == PJ_OK && k < 8; k++)
        if ((value = getenv(secrets[k])) != NULL) status = pj_fields_set_text(config, keys[k], value);
    for (i = 1; status == PJ_OK && i < argc; i++) {
        key = argv[i] + strspn(argv[i], "-");
        while ((dash = strchr(key, '-')) != NULL) *dash = '_';
        for (k = 0; k < OPTIONS && strcmp(key, names[k]) != 0;) k++;
        value = k >= CANCEL && k < OPTIONS ? "" : i + 1 < argc ? argv[++i] : "";
        if (k < OPTIONS) given[k] = value;
        else if (strcmp(key, "deadline") == 0) status = pj_fields_set_int(config, key, atol(value));
        else status = pj_fields_set_text(config, key, value);
    }
    return status;
}

int main(int argc, char **argv)
{
    pj_fields *config = NULL;
    pj_client *client = NULL;
    pj_status status;
    int outcome;

    setvbuf(stdout, NULL, _IONBF, 0);
    if (pj_version() >> 16 != PJ_HEADER_VERSION >> 16 || pj_version() < PJ_HEADER_VERSION) {
        fprintf(stderr, "The library is %s; this program needs %s.\n", pj_version_text(), PJ_HEADER_VERSION_TEXT);
        return MISTAKE;
    }
    signal(SIGINT, on_interrupt);
    status = pj_fields_new(&config);
    if (status == PJ_OK) status = configure(config, argc, argv);
    if (status == PJ_OK) status = pj_client_open(config, &client);
    pj_fields_free(config);
    if (status != PJ_OK) return failed();

    outcome = take_up(client);
    if (given[PAID] || given[UNPAID]) outcome = decide(client);
    if (given[RECONCILE]) outcome = reconcile(client);
    if (given[DIAGNOSTICS] && pj_diagnostics(client, given[DIAGNOSTICS]) != PJ_OK) outcome = failed();
    if (given[REFERENCE] && (outcome = ask(client)) != NOT_KNOWN) take_up(client); /* now what came late, if anything */
    return pj_client_close(client, 5000) == PJ_OK ? outcome : failed();
}
