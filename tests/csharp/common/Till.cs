// What every program here begins with: a till at the simulator.
using System;
using static PosJunction;

static class Till
{
    // Not ASCII, so that the file's name shows whether texts arrive as UTF-8.
    public const string Journal = "café-€.journal";

    public static void Check(int status)
    {
        if (status != PJ_OK) throw new Exception(LastError());
    }

    public static void Expect(bool truth, string what)
    {
        if (!truth) throw new Exception("not so: " + what);
    }

    public static IntPtr Open()
    {
        IntPtr config, client;
        Check(pj_fields_new(out config));
        SetText(config, "vendor", "payjunction");
        SetFromEnvironment(config, "base_url", "PJ_SIMULATOR");
        SetFromEnvironment(config, "login", "PJ_SIM_LOGIN");
        SetFromEnvironment(config, "password", "PJ_SIM_PASSWORD");
        SetFromEnvironment(config, "application_key", "PJ_SIM_APPLICATION_KEY");
        SetFromEnvironment(config, "merchant_terminal", "PJ_SIM_MERCHANT_TERMINAL");
        SetFromEnvironment(config, "terminal", "PJ_SIM_SMART_TERMINAL");
        SetText(config, "journal", Journal);
        Check(pj_client_open(config, out client));
        Check(pj_fields_free(config));
        return client;
    }

    public static IntPtr Ask(IntPtr client, long cents, string reference)
    {
        IntPtr sale, request;
        Check(pj_fields_new(out sale));
        Check(pj_fields_set_int(sale, Utf8("amount"), cents));
        SetText(sale, "reference", reference);
        Check(pj_request_payment(client, sale, out request));
        Check(pj_fields_free(sale));
        return request;
    }

    // True when the result is final and the next sale, here or in the next program, finds the terminal free.
    public static bool IsOver(pj_result result)
    {
        return (result.flags & PJ_FLAG_FINAL) != 0 && (result.flags & PJ_FLAG_TERMINAL_FREE) != 0;
    }

    public static void ExpectApproved(pj_result result, long cents)
    {
        Expect(result.state == PJ_STATE_APPROVED, Text(result.message));
        Expect(result.money == PJ_MONEY_MOVED && result.approved_amount == cents, "the amount is " + result.approved_amount);
    }

    private static void SetText(IntPtr fields, string key, string value)
    {
        Check(pj_fields_set_text(fields, Utf8(key), Utf8(value)));
    }

    private static void SetFromEnvironment(IntPtr fields, string key, string name)
    {
        SetText(fields, key, Environment.GetEnvironmentVariable(name));
    }
}
