// PosJunction for .NET Framework 4.x, Mono and .NET: the declarations of posjunction.h, which is the manual.
//
// - Texts are UTF-8 arrays here, because .NET before 4.7 cannot marshal UTF-8: Utf8("...") in, Text(...) out.
// - pj_client, pj_fields and pj_request are IntPtr.
// - Begin with pj_result.New() and pj_event.New(), which set struct_size.
// - Callbacks: use PosJunctionEvents. It keeps the delegate from the garbage collector, and exceptions in .NET.
using System;
using System.Runtime.InteropServices;
using System.Text;

public static class PosJunction
{
    // posjunction.dll on Windows, libposjunction.so elsewhere. The DLL has the bitness of the process: a program for
    // "Any CPU" needs the right one of the two.
    private const string Library = "posjunction";

    // The version these declarations belong to; pj_version is that of the library you run with.
    public const uint PJ_HEADER_VERSION = 0x000100;
    public const string PJ_HEADER_VERSION_TEXT = "0.1.0";

    // State of a result.
    public const int PJ_STATE_QUEUED = 1;
    public const int PJ_STATE_SENDING = 2;
    public const int PJ_STATE_ACCEPTED = 3;
    public const int PJ_STATE_CONNECTING = 4;
    public const int PJ_STATE_AT_TERMINAL = 5;
    public const int PJ_STATE_PROCESSING = 6;
    public const int PJ_STATE_APPROVED = 10;
    public const int PJ_STATE_COMPLETED = 11;
    public const int PJ_STATE_DECLINED = 12;
    public const int PJ_STATE_CANCELED = 13;
    public const int PJ_STATE_TIMED_OUT = 14;
    public const int PJ_STATE_FAILED = 15;
    public const int PJ_STATE_UNKNOWN = 20;

    // Did money move?
    public const int PJ_MONEY_NOT_MOVED = 1;
    public const int PJ_MONEY_MOVED = 2;
    public const int PJ_MONEY_REVERSED = 3;
    public const int PJ_MONEY_UNKNOWN = 4;
    public const int PJ_MONEY_PENDING = 5;

    // What does the cashier do now?
    public const int PJ_ADVICE_WAIT = 1;
    public const int PJ_ADVICE_DONE = 2;
    public const int PJ_ADVICE_RETRY = 3;
    public const int PJ_ADVICE_NEW_CARD = 4;
    public const int PJ_ADVICE_FIX_REQUEST = 5;
    public const int PJ_ADVICE_FIX_SETUP = 6;
    public const int PJ_ADVICE_RESOLVE = 7;
    public const int PJ_ADVICE_CALL_SUPPORT = 8;

    // Flags of a result: sums of these.
    public const uint PJ_FLAG_FINAL = 1;
    public const uint PJ_FLAG_TERMINAL_FREE = 2;
    public const uint PJ_FLAG_PARTIAL = 4;
    public const uint PJ_FLAG_AMOUNT_DIFFERS = 8;
    public const uint PJ_FLAG_RECOVERED = 16;
    public const uint PJ_FLAG_CANCEL_REQUESTED = 32;
    public const uint PJ_FLAG_OVERDUE = 64;
    public const uint PJ_FLAG_DUPLICATE_SUSPECTED = 128;
    public const uint PJ_FLAG_NOT_DURABLE = 256;
    public const uint PJ_FLAG_LATE = 512;
    public const uint PJ_FLAG_RESOLVED = 1024;
    public const uint PJ_FLAG_HELD = 2048;
    public const uint PJ_FLAG_CAPTURED = 4096;

    // What a function returns, and the status of a result.
    public const int PJ_OK = 0;
    public const int PJ_ERR_INVALID_ARGUMENT = 1;
    public const int PJ_ERR_INVALID_HANDLE = 2;
    public const int PJ_ERR_UNKNOWN_FIELD = 3;
    public const int PJ_ERR_MISSING_FIELD = 4;
    public const int PJ_ERR_INVALID_FIELD = 5;
    public const int PJ_ERR_INVALID_AMOUNT = 6;
    public const int PJ_ERR_INVALID_TEXT = 7;
    public const int PJ_ERR_DUPLICATE_REFERENCE = 8;
    public const int PJ_ERR_REFERENCE_CONFLICT = 9;
    public const int PJ_ERR_TERMINAL_IN_USE = 10;
    public const int PJ_ERR_TRANSACTION_IN_USE = 11;
    public const int PJ_ERR_WRONG_STATE = 12;
    public const int PJ_ERR_UNSUPPORTED = 13;
    public const int PJ_ERR_BUFFER_TOO_SMALL = 14;
    public const int PJ_ERR_NO_SUCH_REQUEST = 15;
    public const int PJ_ERR_NO_VALUE = 16;
    public const int PJ_ERR_WAIT_TIMEOUT = 17;
    public const int PJ_ERR_BUSY = 18;
    public const int PJ_ERR_REENTRANT = 19;
    public const int PJ_ERR_CLOSED = 20;
    public const int PJ_ERR_FORKED = 21;
    public const int PJ_ERR_LIMIT = 22;
    public const int PJ_ERR_JOURNAL = 100;
    public const int PJ_ERR_JOURNAL_LOCKED = 101;
    public const int PJ_ERR_CONFIG = 102;
    public const int PJ_ERR_THREAD = 103;
    public const int PJ_ERR_INTERNAL = 104;
    public const int PJ_ERR_FILE = 105;
    public const int PJ_ERR_DNS = 200;
    public const int PJ_ERR_CONNECT = 201;
    public const int PJ_ERR_TLS = 202;
    public const int PJ_ERR_PROXY = 203;
    public const int PJ_ERR_TIMEOUT = 204;
    public const int PJ_ERR_CONNECTION_LOST = 205;
    public const int PJ_ERR_BAD_REPLY = 206;
    public const int PJ_ERR_UNAUTHORIZED = 300;
    public const int PJ_ERR_FORBIDDEN = 301;
    public const int PJ_ERR_NOT_FOUND = 302;
    public const int PJ_ERR_REJECTED = 303;
    public const int PJ_ERR_RATE_LIMITED = 304;
    public const int PJ_ERR_UNAVAILABLE = 305;
    public const int PJ_ERR_VENDOR = 306;
    public const int PJ_ERR_LOCKED_OUT = 307;
    public const int PJ_ERR_INTEGRITY = 308;
    public const int PJ_ERR_SIGNATURE = 309;
    public const int PJ_ERR_DECLINED = 400;
    public const int PJ_ERR_CANCELED = 401;
    public const int PJ_ERR_PARTIAL = 402;
    public const int PJ_ERR_DUPLICATE_SUSPECTED = 403;
    public const int PJ_ERR_OUTCOME_UNKNOWN = 404;
    public const int PJ_ERR_EXPIRED = 405;
    public const int PJ_ERR_NO_DEVICE = 21100;
    public const int PJ_ERR_POS_DEVICE_OFFLINE = 21101;
    public const int PJ_ERR_DEVICE_COMMUNICATION = 21102;
    public const int PJ_ERR_REQUEST_ID_REQUIRED = 21103;
    public const int PJ_ERR_REQUEST_NOT_FOUND = 21104;
    public const int PJ_ERR_REQUEST_CLOSED = 21105;
    public const int PJ_ERR_ALREADY_PROCESSED = 21106;
    public const int PJ_ERR_UNKNOWN_DEVICE = 21121;
    public const int PJ_ERR_BATTERY_LOW = 21143;
    public const int PJ_ERR_REQUEST_TIMED_OUT = 21144;
    public const int PJ_ERR_DEVICE_OFFLINE = 21145;
    public const int PJ_ERR_DEVICE_BUSY = 21146;

    // What pj_capable can be asked.
    public const int PJ_CAN_REQUEST_PAYMENT = 1;
    public const int PJ_CAN_REQUEST_REFUND = 2;
    public const int PJ_CAN_REQUEST_SIGNATURE = 3;
    public const int PJ_CAN_REQUEST_PROMPT = 4;
    public const int PJ_CAN_REQUEST_INPUT = 5;
    public const int PJ_CAN_REQUEST_CARD_READ = 6;
    public const int PJ_CAN_CAPTURE = 7;
    public const int PJ_CAN_VOID = 8;
    public const int PJ_CAN_REFUND = 9;
    public const int PJ_CAN_REVERSE = 10;
    public const int PJ_CAN_ADJUST_TIP = 11;
    public const int PJ_CAN_FETCH_TRANSACTION = 12;
    public const int PJ_CAN_FETCH_RECEIPT = 13;
    public const int PJ_CAN_SEND_RECEIPT = 14;
    public const int PJ_CAN_FETCH_SIGNATURE = 15;
    public const int PJ_CAN_RECONCILE = 16;
    public const int PJ_CAN_SELF_CHECK = 17;
    public const int PJ_CAN_LIST_TERMINALS = 18;
    public const int PJ_CAN_FETCH_TERMINAL = 19;
    public const int PJ_CAN_PAIR_TERMINAL = 20;
    public const int PJ_CAN_UNPAIR_TERMINAL = 21;
    public const int PJ_CAN_SET_TERMINAL = 22;
    public const int PJ_CAN_IDENTIFY_TERMINAL = 23;
    public const int PJ_CAN_CANCEL = 40;
    public const int PJ_CAN_TIPS = 41;
    public const int PJ_CAN_PARTIAL = 42;
    public const int PJ_CAN_SURCHARGE = 43;
    public const int PJ_CAN_CAPTURE_LATER = 44;
    public const int PJ_CAN_MANUAL_ENTRY = 45;
    public const int PJ_CAN_SAVE_CARD = 46;
    public const int PJ_CAN_INTERRUPT_BUSY = 47;
    public const int PJ_CAN_WAIT_FOR_TERMINAL = 48;
    public const int PJ_CAN_LINE_ITEMS = 49;
    public const int PJ_CAN_WEBHOOKS = 50;
    public const int PJ_CAN_HOLD_AFTER = 51;

    // Why an event is told.
    public const int PJ_EVENT_NONE = 0;
    public const int PJ_EVENT_STATE = 1;
    public const int PJ_EVENT_RESULT = 2;
    public const int PJ_EVENT_LATE_APPROVAL = 3;
    public const int PJ_EVENT_RESULT_CHANGED = 4;
    public const int PJ_EVENT_REVERSED = 5;
    public const int PJ_EVENT_TERMINAL_FREE = 6;
    public const int PJ_EVENT_UPDATED = 7;

    // Where callbacks run.
    public const int PJ_DELIVER_ON_DISPATCH = 0;
    public const int PJ_DELIVER_ON_THREAD = 1;

    // How much of the log is told.
    public const int PJ_LOG_NONE = 0;
    public const int PJ_LOG_ERROR = 1;
    public const int PJ_LOG_WARN = 2;
    public const int PJ_LOG_INFO = 3;
    public const int PJ_LOG_DEBUG = 4;
    public const int PJ_LOG_TRACE = 5;

    // A person's word, for pj_resolve.
    public const int PJ_DECISION_PAID = 1;
    public const int PJ_DECISION_NOT_PAID = 2;
    public const int PJ_DECISION_KEEP_LOOKING = 3;

    // The whole state of a request at one moment: 672 bytes.
    [StructLayout(LayoutKind.Sequential)]
    public struct pj_result
    {
        public uint struct_size;
        public int state;
        public int status;
        public int money;
        public int advice;
        public uint flags;
        public long requested_amount;
        public long approved_amount;
        public long tip_amount;
        public long surcharge_amount;
        public int vendor_code;
        public int http_status;
        public uint elapsed_ms;
        public uint event_number;
        [MarshalAs(UnmanagedType.ByValArray, SizeConst = 8)] public byte[] currency;
        [MarshalAs(UnmanagedType.ByValArray, SizeConst = 8)] public byte[] card_last4;
        [MarshalAs(UnmanagedType.ByValArray, SizeConst = 20)] public byte[] card_brand;
        [MarshalAs(UnmanagedType.ByValArray, SizeConst = 20)] public byte[] entry_method;
        [MarshalAs(UnmanagedType.ByValArray, SizeConst = 16)] public byte[] authorization_code;
        [MarshalAs(UnmanagedType.ByValArray, SizeConst = 16)] public byte[] response_code;
        [MarshalAs(UnmanagedType.ByValArray, SizeConst = 64)] public byte[] reference;
        [MarshalAs(UnmanagedType.ByValArray, SizeConst = 64)] public byte[] request_id;
        [MarshalAs(UnmanagedType.ByValArray, SizeConst = 64)] public byte[] transaction_id;
        [MarshalAs(UnmanagedType.ByValArray, SizeConst = 64)] public byte[] terminal;
        [MarshalAs(UnmanagedType.ByValArray, SizeConst = 256)] public byte[] message;

        public static pj_result New()
        {
            return new pj_result { struct_size = (uint)Marshal.SizeOf(typeof(pj_result)) };
        }
    }

    // One piece of news. The request is lent. `result` points to a pj_result in a callback; after pj_next_event it is
    // of no use, because .NET has copied the result from there to the parameter.
    [StructLayout(LayoutKind.Sequential)]
    public struct pj_event
    {
        public uint struct_size;
        public int kind;
        public uint number;
        public uint reserved;
        public IntPtr request;
        public IntPtr result;

        public static pj_event New()
        {
            return new pj_event { struct_size = (uint)Marshal.SizeOf(typeof(pj_event)) };
        }
    }

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public delegate void pj_event_fn([In] ref pj_event e, IntPtr user);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public delegate void pj_log_fn(int level, IntPtr line, IntPtr user);

    // Versions, names, the last error.

    [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    public static extern uint pj_version();
    [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    public static extern IntPtr pj_version_text();
    [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    public static extern IntPtr pj_status_name(int status);
    [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    public static extern IntPtr pj_status_text(int status);
    [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    public static extern IntPtr pj_state_name(int state);
    [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    public static extern IntPtr pj_money_name(int money);
    [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    public static extern IntPtr pj_advice_name(int advice);
    [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    public static extern IntPtr pj_event_name(int e);
    [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    public static extern int pj_last_error([Out] byte[] buf, uint cap, out uint len);

    // Bags of keys and values.

    [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    public static extern int pj_fields_new(out IntPtr fields);
    [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    public static extern int pj_fields_set_text(IntPtr fields, byte[] key, byte[] value);
    [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    public static extern int pj_fields_set_int(IntPtr fields, byte[] key, long value);
    [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    public static extern int pj_fields_add_text(IntPtr fields, byte[] key, byte[] value);
    [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    public static extern int pj_fields_add_item(IntPtr fields, byte[] key, IntPtr item);
    [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    public static extern int pj_fields_free(IntPtr fields);

    // The client.

    [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    public static extern int pj_client_open(IntPtr config, out IntPtr client);
    [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    public static extern int pj_client_close(IntPtr client, int timeout_ms);
    [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    public static extern int pj_capable(IntPtr client, int capability, out int yes);

    // News.

    [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    public static extern int pj_on_event(IntPtr client, pj_event_fn callback, IntPtr user, int delivery);
    [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    public static extern int pj_dispatch(IntPtr client, int timeout_ms, out uint delivered);
    [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    public static extern int pj_next_event(IntPtr client, int timeout_ms, ref pj_event e, ref pj_result result);
    [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    public static extern int pj_wakeup_fd(IntPtr client, out int fd);
    [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    public static extern int pj_wakeup_window(IntPtr client, IntPtr hwnd, uint message);
    [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    public static extern int pj_on_log(IntPtr client, pj_log_fn callback, IntPtr user, int level);

    // Work.

    [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    public static extern int pj_request_payment(IntPtr client, IntPtr fields, out IntPtr request);
    [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    public static extern int pj_request_refund(IntPtr client, IntPtr fields, out IntPtr request);
    [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    public static extern int pj_request_signature(IntPtr client, IntPtr fields, out IntPtr request);
    [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    public static extern int pj_request_prompt(IntPtr client, IntPtr fields, out IntPtr request);
    [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    public static extern int pj_request_input(IntPtr client, IntPtr fields, out IntPtr request);
    [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    public static extern int pj_request_card_read(IntPtr client, IntPtr fields, out IntPtr request);
    [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    public static extern int pj_capture(IntPtr client, IntPtr fields, out IntPtr request);
    [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    public static extern int pj_void(IntPtr client, IntPtr fields, out IntPtr request);
    [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    public static extern int pj_refund(IntPtr client, IntPtr fields, out IntPtr request);
    [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    public static extern int pj_reverse(IntPtr client, IntPtr fields, out IntPtr request);
    [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    public static extern int pj_adjust_tip(IntPtr client, IntPtr fields, out IntPtr request);
    [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    public static extern int pj_fetch_transaction(IntPtr client, IntPtr fields, out IntPtr request);
    [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    public static extern int pj_fetch_receipt(IntPtr client, IntPtr fields, out IntPtr request);
    [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    public static extern int pj_send_receipt(IntPtr client, IntPtr fields, out IntPtr request);
    [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    public static extern int pj_fetch_signature(IntPtr client, IntPtr fields, out IntPtr request);
    [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    public static extern int pj_reconcile(IntPtr client, IntPtr fields, out IntPtr request);
    [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    public static extern int pj_self_check(IntPtr client, IntPtr fields, out IntPtr request);
    [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    public static extern int pj_list_terminals(IntPtr client, IntPtr fields, out IntPtr request);
    [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    public static extern int pj_fetch_terminal(IntPtr client, IntPtr fields, out IntPtr request);
    [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    public static extern int pj_pair_terminal(IntPtr client, IntPtr fields, out IntPtr request);
    [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    public static extern int pj_unpair_terminal(IntPtr client, IntPtr fields, out IntPtr request);
    [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    public static extern int pj_set_terminal(IntPtr client, IntPtr fields, out IntPtr request);
    [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    public static extern int pj_identify_terminal(IntPtr client, IntPtr fields, out IntPtr request);

    // The life of a request.

    [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    public static extern int pj_poll(IntPtr request, ref pj_result result);
    [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    public static extern int pj_wait(IntPtr request, int timeout_ms, ref pj_result result);
    [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    public static extern int pj_cancel(IntPtr request);
    [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    public static extern int pj_acknowledge(IntPtr request);
    [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    public static extern int pj_resolve(IntPtr request, int decision, byte[] by, byte[] reason);
    [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    public static extern int pj_request_free(IntPtr request);
    [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    public static extern int pj_pending_count(IntPtr client, out uint count);
    [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    public static extern int pj_pending_at(IntPtr client, uint index, out IntPtr request);
    [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    public static extern int pj_find(IntPtr client, byte[] reference, out IntPtr request);
    [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    public static extern int pj_get_text(IntPtr request, byte[] key, [Out] byte[] buf, uint cap, out uint len);
    [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    public static extern int pj_get_int(IntPtr request, byte[] key, out long value);
    [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    public static extern int pj_get_bytes(IntPtr request, byte[] key, [Out] byte[] buf, uint cap, out uint len);
    [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    public static extern int pj_get_json(IntPtr request, [Out] byte[] buf, uint cap, out uint len);

    // The rest.

    [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    public static extern int pj_webhook(IntPtr client, byte[] headers, byte[] body, uint len);
    [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    public static extern int pj_diagnostics(IntPtr client, byte[] path);

    // Texts.

    // A text as the library takes it: UTF-8 with a NUL. null stays null.
    public static byte[] Utf8(string text)
    {
        if (text == null) return null;
        if (text.IndexOf('\0') >= 0) throw new ArgumentException("a NUL inside a text", "text");
        return Encoding.UTF8.GetBytes(text + "\0");
    }

    // A text of a pj_result, or of a buffer that the library has filled.
    public static string Text(byte[] utf8)
    {
        int end = Array.IndexOf(utf8, (byte)0);
        return Encoding.UTF8.GetString(utf8, 0, end < 0 ? utf8.Length : end);
    }

    // A text that the library returned, or a line of its log.
    public static string Text(IntPtr utf8)
    {
        int length = 0;
        while (Marshal.ReadByte(utf8, length) != 0) length++;
        byte[] copy = new byte[length];
        Marshal.Copy(utf8, copy, 0, length);
        return Encoding.UTF8.GetString(copy);
    }

    // The text of this thread's last failure. Ask right after the call.
    public static string LastError()
    {
        byte[] text = new byte[512];
        uint length;
        pj_last_error(text, (uint)text.Length, out length);
        return Text(text);
    }
}
