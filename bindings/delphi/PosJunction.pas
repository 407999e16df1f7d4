{ PosJunction for Delphi 7 and later and for Free Pascal: the declarations of posjunction.h, which is the manual.

  - Texts are UTF-8. In Delphi 2009 and later: PAnsiChar(UTF8String(Text)) in, UTF8ToString(PAnsiChar(@R.message)) out.
  - Set struct_size := SizeOf(...) before every call that fills a record in.
  - An exception may leave a callback that pj_dispatch called. With PJ_DELIVER_ON_THREAD it may not: catch it there,
    and set IsMultiThread := True before pj_on_event. }
unit PosJunction;

{$IFDEF FPC}{$MODE DELPHI}{$ENDIF}

interface

const
{$IF Defined(MSWINDOWS)}
  PJ_LIBRARY = 'posjunction.dll';
{$ELSEIF Defined(FPC)}
  PJ_LIBRARY = 'posjunction';
{$ELSE}
  PJ_LIBRARY = 'libposjunction.so';
{$IFEND}

  { The version these declarations belong to; pj_version is that of the library you run with. }
  PJ_HEADER_VERSION = $000100;
  PJ_HEADER_VERSION_TEXT = '0.1.0';

  { State of a result. }
  PJ_STATE_QUEUED = 1;
  PJ_STATE_SENDING = 2;
  PJ_STATE_ACCEPTED = 3;
  PJ_STATE_CONNECTING = 4;
  PJ_STATE_AT_TERMINAL = 5;
  PJ_STATE_PROCESSING = 6;
  PJ_STATE_APPROVED = 10;
  PJ_STATE_COMPLETED = 11;
  PJ_STATE_DECLINED = 12;
  PJ_STATE_CANCELED = 13;
  PJ_STATE_TIMED_OUT = 14;
  PJ_STATE_FAILED = 15;
  PJ_STATE_UNKNOWN = 20;

  { Did money move? }
  PJ_MONEY_NOT_MOVED = 1;
  PJ_MONEY_MOVED = 2;
  PJ_MONEY_REVERSED = 3;
  PJ_MONEY_UNKNOWN = 4;
  PJ_MONEY_PENDING = 5;

  { What does the cashier do now? }
  PJ_ADVICE_WAIT = 1;
  PJ_ADVICE_DONE = 2;
  PJ_ADVICE_RETRY = 3;
  PJ_ADVICE_NEW_CARD = 4;
  PJ_ADVICE_FIX_REQUEST = 5;
  PJ_ADVICE_FIX_SETUP = 6;
  PJ_ADVICE_RESOLVE = 7;
  PJ_ADVICE_CALL_SUPPORT = 8;

  { Flags of a result: sums of these. }
  PJ_FLAG_FINAL = 1;
  PJ_FLAG_TERMINAL_FREE = 2;
  PJ_FLAG_PARTIAL = 4;
  PJ_FLAG_AMOUNT_DIFFERS = 8;
  PJ_FLAG_RECOVERED = 16;
  PJ_FLAG_CANCEL_REQUESTED = 32;
  PJ_FLAG_OVERDUE = 64;
  PJ_FLAG_DUPLICATE_SUSPECTED = 128;
  PJ_FLAG_NOT_DURABLE = 256;
  PJ_FLAG_LATE = 512;
  PJ_FLAG_RESOLVED = 1024;
  PJ_FLAG_HELD = 2048;
  PJ_FLAG_CAPTURED = 4096;

  { What a function returns, and the status of a result. }
  PJ_OK = 0;
  PJ_ERR_INVALID_ARGUMENT = 1;
  PJ_ERR_INVALID_HANDLE = 2;
  PJ_ERR_UNKNOWN_FIELD = 3;
  PJ_ERR_MISSING_FIELD = 4;
  PJ_ERR_INVALID_FIELD = 5;
  PJ_ERR_INVALID_AMOUNT = 6;
  PJ_ERR_INVALID_TEXT = 7;
  PJ_ERR_DUPLICATE_REFERENCE = 8;
  PJ_ERR_REFERENCE_CONFLICT = 9;
  PJ_ERR_TERMINAL_IN_USE = 10;
  PJ_ERR_TRANSACTION_IN_USE = 11;
  PJ_ERR_WRONG_STATE = 12;
  PJ_ERR_UNSUPPORTED = 13;
  PJ_ERR_BUFFER_TOO_SMALL = 14;
  PJ_ERR_NO_SUCH_REQUEST = 15;
  PJ_ERR_NO_VALUE = 16;
  PJ_ERR_WAIT_TIMEOUT = 17;
  PJ_ERR_BUSY = 18;
  PJ_ERR_REENTRANT = 19;
  PJ_ERR_CLOSED = 20;
  PJ_ERR_FORKED = 21;
  PJ_ERR_LIMIT = 22;
  PJ_ERR_JOURNAL = 100;
  PJ_ERR_JOURNAL_LOCKED = 101;
  PJ_ERR_CONFIG = 102;
  PJ_ERR_THREAD = 103;
  PJ_ERR_INTERNAL = 104;
  PJ_ERR_FILE = 105;
  PJ_ERR_DNS = 200;
  PJ_ERR_CONNECT = 201;
  PJ_ERR_TLS = 202;
  PJ_ERR_PROXY = 203;
  PJ_ERR_TIMEOUT = 204;
  PJ_ERR_CONNECTION_LOST = 205;
  PJ_ERR_BAD_REPLY = 206;
  PJ_ERR_UNAUTHORIZED = 300;
  PJ_ERR_FORBIDDEN = 301;
  PJ_ERR_NOT_FOUND = 302;
  PJ_ERR_REJECTED = 303;
  PJ_ERR_RATE_LIMITED = 304;
  PJ_ERR_UNAVAILABLE = 305;
  PJ_ERR_VENDOR = 306;
  PJ_ERR_LOCKED_OUT = 307;
  PJ_ERR_INTEGRITY = 308;
  PJ_ERR_SIGNATURE = 309;
  PJ_ERR_DECLINED = 400;
  PJ_ERR_CANCELED = 401;
  PJ_ERR_PARTIAL = 402;
  PJ_ERR_DUPLICATE_SUSPECTED = 403;
  PJ_ERR_OUTCOME_UNKNOWN = 404;
  PJ_ERR_EXPIRED = 405;
  PJ_ERR_NO_DEVICE = 21100;
  PJ_ERR_POS_DEVICE_OFFLINE = 21101;
  PJ_ERR_DEVICE_COMMUNICATION = 21102;
  PJ_ERR_REQUEST_ID_REQUIRED = 21103;
  PJ_ERR_REQUEST_NOT_FOUND = 21104;
  PJ_ERR_REQUEST_CLOSED = 21105;
  PJ_ERR_ALREADY_PROCESSED = 21106;
  PJ_ERR_UNKNOWN_DEVICE = 21121;
  PJ_ERR_BATTERY_LOW = 21143;
  PJ_ERR_REQUEST_TIMED_OUT = 21144;
  PJ_ERR_DEVICE_OFFLINE = 21145;
  PJ_ERR_DEVICE_BUSY = 21146;

  { What pj_capable can be asked. }
  PJ_CAN_REQUEST_PAYMENT = 1;
  PJ_CAN_REQUEST_REFUND = 2;
  PJ_CAN_REQUEST_SIGNATURE = 3;
  PJ_CAN_REQUEST_PROMPT = 4;
  PJ_CAN_REQUEST_INPUT = 5;
  PJ_CAN_REQUEST_CARD_READ = 6;
  PJ_CAN_CAPTURE = 7;
  PJ_CAN_VOID = 8;
  PJ_CAN_REFUND = 9;
  PJ_CAN_REVERSE = 10;
  PJ_CAN_ADJUST_TIP = 11;
  PJ_CAN_FETCH_TRANSACTION = 12;
  PJ_CAN_FETCH_RECEIPT = 13;
  PJ_CAN_SEND_RECEIPT = 14;
  PJ_CAN_FETCH_SIGNATURE = 15;
  PJ_CAN_RECONCILE = 16;
  PJ_CAN_SELF_CHECK = 17;
  PJ_CAN_LIST_TERMINALS = 18;
  PJ_CAN_FETCH_TERMINAL = 19;
  PJ_CAN_PAIR_TERMINAL = 20;
  PJ_CAN_UNPAIR_TERMINAL = 21;
  PJ_CAN_SET_TERMINAL = 22;
  PJ_CAN_IDENTIFY_TERMINAL = 23;
  PJ_CAN_CANCEL = 40;
  PJ_CAN_TIPS = 41;
  PJ_CAN_PARTIAL = 42;
  PJ_CAN_SURCHARGE = 43;
  PJ_CAN_CAPTURE_LATER = 44;
  PJ_CAN_MANUAL_ENTRY = 45;
  PJ_CAN_SAVE_CARD = 46;
  PJ_CAN_INTERRUPT_BUSY = 47;
  PJ_CAN_WAIT_FOR_TERMINAL = 48;
  PJ_CAN_LINE_ITEMS = 49;
  PJ_CAN_WEBHOOKS = 50;
  PJ_CAN_HOLD_AFTER = 51;

  { Why an event is told. }
  PJ_EVENT_NONE = 0;
  PJ_EVENT_STATE = 1;
  PJ_EVENT_RESULT = 2;
  PJ_EVENT_LATE_APPROVAL = 3;
  PJ_EVENT_RESULT_CHANGED = 4;
  PJ_EVENT_REVERSED = 5;
  PJ_EVENT_TERMINAL_FREE = 6;
  PJ_EVENT_UPDATED = 7;

  { Where callbacks run. }
  PJ_DELIVER_ON_DISPATCH = 0;
  PJ_DELIVER_ON_THREAD = 1;

  { How much of the log is told. }
  PJ_LOG_NONE = 0;
  PJ_LOG_ERROR = 1;
  PJ_LOG_WARN = 2;
  PJ_LOG_INFO = 3;
  PJ_LOG_DEBUG = 4;
  PJ_LOG_TRACE = 5;

  { A person's word, for pj_resolve. }
  PJ_DECISION_PAID = 1;
  PJ_DECISION_NOT_PAID = 2;
  PJ_DECISION_KEEP_LOOKING = 3;

type
  { Handles: pass them on, compare those of requests, look into none. }
  pj_client = record end;
  Ppj_client = ^pj_client;
  pj_fields = record end;
  Ppj_fields = ^pj_fields;
  pj_request = record end;
  Ppj_request = ^pj_request;

  pj_status = Integer;

  { The whole state of a request at one moment: 672 bytes. }
  Ppj_result = ^pj_result;
  pj_result = packed record
    struct_size: Cardinal;
    state: Integer;
    status: Integer;
    money: Integer;
    advice: Integer;
    flags: Cardinal;
    requested_amount: Int64;
    approved_amount: Int64;
    tip_amount: Int64;
    surcharge_amount: Int64;
    vendor_code: Integer;
    http_status: Integer;
    elapsed_ms: Cardinal;
    event_number: Cardinal;
    currency: array[0..7] of AnsiChar;
    card_last4: array[0..7] of AnsiChar;
    card_brand: array[0..19] of AnsiChar;
    entry_method: array[0..19] of AnsiChar;
    authorization_code: array[0..15] of AnsiChar;
    response_code: array[0..15] of AnsiChar;
    reference: array[0..63] of AnsiChar;
    request_id: array[0..63] of AnsiChar;
    transaction_id: array[0..63] of AnsiChar;
    terminal: array[0..63] of AnsiChar;
    message: array[0..255] of AnsiChar;
  end;

  { One piece of news. The request is lent; what it points to is gone when the callback returns. }
  Ppj_event = ^pj_event;
  pj_event = packed record
    struct_size: Cardinal;
    kind: Integer;
    number: Cardinal;
    reserved: Cardinal;
    request: Ppj_request;
    result: Ppj_result;
  end;

  pj_event_fn = procedure(event: Ppj_event; user: Pointer); cdecl;
  pj_log_fn = procedure(level: Integer; line: PAnsiChar; user: Pointer); cdecl;

{ Versions, names, the last error }

function pj_version: Cardinal; cdecl; external PJ_LIBRARY;
function pj_version_text: PAnsiChar; cdecl; external PJ_LIBRARY;
function pj_status_name(status: Integer): PAnsiChar; cdecl; external PJ_LIBRARY;
function pj_status_text(status: Integer): PAnsiChar; cdecl; external PJ_LIBRARY;
function pj_state_name(state: Integer): PAnsiChar; cdecl; external PJ_LIBRARY;
function pj_money_name(money: Integer): PAnsiChar; cdecl; external PJ_LIBRARY;
function pj_advice_name(advice: Integer): PAnsiChar; cdecl; external PJ_LIBRARY;
function pj_event_name(event: Integer): PAnsiChar; cdecl; external PJ_LIBRARY;
function pj_last_error(buf: PAnsiChar; cap: Cardinal; len: PCardinal): pj_status; cdecl; external PJ_LIBRARY;

{ Bags of keys and values }

function pj_fields_new(out fields: Ppj_fields): pj_status; cdecl; external PJ_LIBRARY;
function pj_fields_set_text(fields: Ppj_fields; key, value: PAnsiChar): pj_status; cdecl; external PJ_LIBRARY;
function pj_fields_set_int(fields: Ppj_fields; key: PAnsiChar; value: Int64): pj_status; cdecl; external PJ_LIBRARY;
function pj_fields_add_text(fields: Ppj_fields; key, value: PAnsiChar): pj_status; cdecl; external PJ_LIBRARY;
function pj_fields_add_item(fields: Ppj_fields; key: PAnsiChar; item: Ppj_fields): pj_status;
  cdecl; external PJ_LIBRARY;
function pj_fields_free(fields: Ppj_fields): pj_status; cdecl; external PJ_LIBRARY;

{ The client }

function pj_client_open(config: Ppj_fields; out client: Ppj_client): pj_status; cdecl; external PJ_LIBRARY;
function pj_client_close(client: Ppj_client; timeout_ms: Integer): pj_status; cdecl; external PJ_LIBRARY;
function pj_capable(client: Ppj_client; capability: Integer; out yes: Integer): pj_status; cdecl; external PJ_LIBRARY;

{ News }

function pj_on_event(client: Ppj_client; callback: pj_event_fn; user: Pointer; delivery: Integer): pj_status;
  cdecl; external PJ_LIBRARY;
function pj_dispatch(client: Ppj_client; timeout_ms: Integer; delivered: PCardinal): pj_status;
  cdecl; external PJ_LIBRARY;
function pj_next_event(client: Ppj_client; timeout_ms: Integer; var event: pj_event; state: Ppj_result): pj_status;
  cdecl; external PJ_LIBRARY;
function pj_wakeup_fd(client: Ppj_client; out fd: Integer): pj_status; cdecl; external PJ_LIBRARY;
function pj_wakeup_window(client: Ppj_client; hwnd: Pointer; message: Cardinal): pj_status; cdecl; external PJ_LIBRARY;
function pj_on_log(client: Ppj_client; callback: pj_log_fn; user: Pointer; level: Integer): pj_status;
  cdecl; external PJ_LIBRARY;

{ Work }

function pj_request_payment(client: Ppj_client; fields: Ppj_fields; out request: Ppj_request): pj_status;
  cdecl; external PJ_LIBRARY;
function pj_request_refund(client: Ppj_client; fields: Ppj_fields; out request: Ppj_request): pj_status;
  cdecl; external PJ_LIBRARY;
function pj_request_signature(client: Ppj_client; fields: Ppj_fields; out request: Ppj_request): pj_status;
  cdecl; external PJ_LIBRARY;
function pj_request_prompt(client: Ppj_client; fields: Ppj_fields; out request: Ppj_request): pj_status;
  cdecl; external PJ_LIBRARY;
function pj_request_input(client: Ppj_client; fields: Ppj_fields; out request: Ppj_request): pj_status;
  cdecl; external PJ_LIBRARY;
function pj_request_card_read(client: Ppj_client; fields: Ppj_fields; out request: Ppj_request): pj_status;
  cdecl; external PJ_LIBRARY;
function pj_capture(client: Ppj_client; fields: Ppj_fields; out request: Ppj_request): pj_status;
  cdecl; external PJ_LIBRARY;
function pj_void(client: Ppj_client; fields: Ppj_fields; out request: Ppj_request): pj_status;
  cdecl; external PJ_LIBRARY;
function pj_refund(client: Ppj_client; fields: Ppj_fields; out request: Ppj_request): pj_status;
  cdecl; external PJ_LIBRARY;
function pj_reverse(client: Ppj_client; fields: Ppj_fields; out request: Ppj_request): pj_status;
  cdecl; external PJ_LIBRARY;
function pj_adjust_tip(client: Ppj_client; fields: Ppj_fields; out request: Ppj_request): pj_status;
  cdecl; external PJ_LIBRARY;
function pj_fetch_transaction(client: Ppj_client; fields: Ppj_fields; out request: Ppj_request): pj_status;
  cdecl; external PJ_LIBRARY;
function pj_fetch_receipt(client: Ppj_client; fields: Ppj_fields; out request: Ppj_request): pj_status;
  cdecl; external PJ_LIBRARY;
function pj_send_receipt(client: Ppj_client; fields: Ppj_fields; out request: Ppj_request): pj_status;
  cdecl; external PJ_LIBRARY;
function pj_fetch_signature(client: Ppj_client; fields: Ppj_fields; out request: Ppj_request): pj_status;
  cdecl; external PJ_LIBRARY;
function pj_reconcile(client: Ppj_client; fields: Ppj_fields; out request: Ppj_request): pj_status;
  cdecl; external PJ_LIBRARY;
function pj_self_check(client: Ppj_client; fields: Ppj_fields; out request: Ppj_request): pj_status;
  cdecl; external PJ_LIBRARY;
function pj_list_terminals(client: Ppj_client; fields: Ppj_fields; out request: Ppj_request): pj_status;
  cdecl; external PJ_LIBRARY;
function pj_fetch_terminal(client: Ppj_client; fields: Ppj_fields; out request: Ppj_request): pj_status;
  cdecl; external PJ_LIBRARY;
function pj_pair_terminal(client: Ppj_client; fields: Ppj_fields; out request: Ppj_request): pj_status;
  cdecl; external PJ_LIBRARY;
function pj_unpair_terminal(client: Ppj_client; fields: Ppj_fields; out request: Ppj_request): pj_status;
  cdecl; external PJ_LIBRARY;
function pj_set_terminal(client: Ppj_client; fields: Ppj_fields; out request: Ppj_request): pj_status;
  cdecl; external PJ_LIBRARY;
function pj_identify_terminal(client: Ppj_client; fields: Ppj_fields; out request: Ppj_request): pj_status;
  cdecl; external PJ_LIBRARY;

{ The life of a request }

function pj_poll(request: Ppj_request; var state: pj_result): pj_status; cdecl; external PJ_LIBRARY;
function pj_wait(request: Ppj_request; timeout_ms: Integer; var state: pj_result): pj_status;
  cdecl; external PJ_LIBRARY;
function pj_cancel(request: Ppj_request): pj_status; cdecl; external PJ_LIBRARY;
function pj_acknowledge(request: Ppj_request): pj_status; cdecl; external PJ_LIBRARY;
function pj_resolve(request: Ppj_request; decision: Integer; by, reason: PAnsiChar): pj_status;
  cdecl; external PJ_LIBRARY;
function pj_request_free(request: Ppj_request): pj_status; cdecl; external PJ_LIBRARY;
function pj_pending_count(client: Ppj_client; out count: Cardinal): pj_status; cdecl; external PJ_LIBRARY;
function pj_pending_at(client: Ppj_client; index: Cardinal; out request: Ppj_request): pj_status;
  cdecl; external PJ_LIBRARY;
function pj_find(client: Ppj_client; reference: PAnsiChar; out request: Ppj_request): pj_status;
  cdecl; external PJ_LIBRARY;
function pj_get_text(request: Ppj_request; key, buf: PAnsiChar; cap: Cardinal; len: PCardinal): pj_status;
  cdecl; external PJ_LIBRARY;
function pj_get_int(request: Ppj_request; key: PAnsiChar; out value: Int64): pj_status; cdecl; external PJ_LIBRARY;
function pj_get_bytes(request: Ppj_request; key: PAnsiChar; buf: Pointer; cap: Cardinal; len: PCardinal): pj_status;
  cdecl; external PJ_LIBRARY;
function pj_get_json(request: Ppj_request; buf: PAnsiChar; cap: Cardinal; len: PCardinal): pj_status;
  cdecl; external PJ_LIBRARY;

{ The rest }

function pj_webhook(client: Ppj_client; headers: PAnsiChar; body: Pointer; len: Cardinal): pj_status;
  cdecl; external PJ_LIBRARY;
function pj_diagnostics(client: Ppj_client; path: PAnsiChar): pj_status; cdecl; external PJ_LIBRARY;

implementation

end.
