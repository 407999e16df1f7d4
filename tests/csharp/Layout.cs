// The structs lie in memory as in C.
using System;
using System.Runtime.InteropServices;
using static PosJunction;
using static Till;

static class Layout
{
    static void Main()
    {
        Expect(Marshal.SizeOf(typeof(pj_result)) == 672, "pj_result has 672 bytes");
        int members = 0;
        foreach (string line in Offsets.Split(','))
        {
            string[] parts = line.Trim().Split(' ');
            Expect((int)Marshal.OffsetOf(typeof(pj_result), parts[0]) == int.Parse(parts[1]), line);
            members++;
        }
        Expect(members == typeof(pj_result).GetFields().Length, "all members are compared");
        Expect(Marshal.SizeOf(typeof(pj_event)) == 16 + 2 * IntPtr.Size, "pj_event");
        Expect((int)Marshal.OffsetOf(typeof(pj_event), "request") == 16, "request");
        Expect((int)Marshal.OffsetOf(typeof(pj_event), "result") == 16 + IntPtr.Size, "result");
        Expect(pj_version() >> 16 == PJ_HEADER_VERSION >> 16, "the library's version is " + Text(pj_version_text()));
        Console.WriteLine("{0} members", members);
    }

    const string Offsets =
        "struct_size 0, state 4, status 8, money 12, advice 16, flags 20, requested_amount 24, approved_amount 32, " +
        "tip_amount 40, surcharge_amount 48, vendor_code 56, http_status 60, elapsed_ms 64, event_number 68, currency 72, " +
        "card_last4 80, card_brand 88, entry_method 108, authorization_code 128, response_code 144, reference 160, " +
        "request_id 224, transaction_id 288, terminal 352, message 416";
}
