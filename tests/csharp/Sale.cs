// A sale in .NET: events by PosJunctionEvents while the garbage collector works, then the result is acknowledged.
using System;
using System.IO;
using static PosJunction;
using static Till;

static class Sale
{
    const long Cents = 4567;

    static void Main()
    {
        IntPtr client = Open();
        Expect(File.Exists(Journal), "the journal's name arrived as UTF-8");
        pj_result last = pj_result.New();
        var events = new PosJunctionEvents(client, (e, result) =>
        {
            Expect(e.struct_size == 16 + 2 * IntPtr.Size, "the size of pj_event");
            Expect(result.struct_size == 672, "the size of pj_result");
            Console.WriteLine("{0} {1}: {2}", Text(pj_event_name(e.kind)), Text(pj_state_name(result.state)), Text(result.message));
            last = result;
        });
        IntPtr request = Ask(client, Cents, "csharp-sale");
        while (!IsOver(last))
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            Check(events.Dispatch(1000));
        }
        ExpectApproved(last, Cents);
        Expect(Text(last.reference) == "csharp-sale", "the reference");
        Expect(Read(request, "card_last4") == Text(last.card_last4), "pj_get_text");
        Check(pj_acknowledge(request));
        uint waiting;
        Check(pj_pending_count(client, out waiting));
        Expect(waiting == 0, "nothing is pending");
        Check(pj_request_free(request));
        Check(pj_client_close(client, 5000));
    }

    static string Read(IntPtr request, string key)
    {
        uint length;
        Check(pj_get_text(request, Utf8(key), null, 0, out length));
        byte[] text = new byte[length + 1];
        Check(pj_get_text(request, Utf8(key), text, (uint)text.Length, out length));
        return Text(text);
    }
}
