// A handler that throws: the exception arrives where Dispatch was called, and the sale goes on.
using System;
using static PosJunction;
using static Till;

static class Throw
{
    const long Cents = 5678;

    static void Main()
    {
        IntPtr client = Open();
        int called = 0, thrown = 0;
        var events = new PosJunctionEvents(client, (e, result) =>
        {
            called++;
            throw new InvalidOperationException("the drawer is stuck, " + e.number);
        });
        IntPtr request = Ask(client, Cents, "csharp-throw");
        pj_result now = pj_result.New();
        do
        {
            try
            {
                Check(events.Dispatch(1000));
            }
            catch (AggregateException exception)
            {
                foreach (Exception inner in exception.InnerExceptions)
                {
                    Expect(inner.Message.StartsWith("the drawer is stuck, "), inner.Message);
                    Expect(inner.StackTrace.Contains("Throw"), "the stack of the handler");
                    thrown++;
                }
            }
            Check(pj_poll(request, ref now));
        } while (!IsOver(now));
        ExpectApproved(now, Cents);
        Console.WriteLine("{0} events, {1} exceptions", called, thrown);
        Expect(called == thrown && called > 1, "every exception arrived");
        Check(pj_acknowledge(request));
        Check(pj_request_free(request));
        Check(pj_client_close(client, 5000));
    }
}
