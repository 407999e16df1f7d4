// Events for .NET programs: pj_on_event and pj_dispatch, fit for the garbage collector and for exceptions.
//
// An exception of .NET must not leave a callback. On Windows the .NET Framework would let it pass through the library,
// Mono may abandon the library's frames or end the process, and .NET ends the process. So it is caught here, and thrown
// again when pj_dispatch has returned. What differs from C: the library takes that event for told. pj_poll has its
// state still, and a result that was not acknowledged is told again at the next start.
using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;

public sealed class PosJunctionEvents
{
    private readonly IntPtr client;
    private readonly Action<PosJunction.pj_event, PosJunction.pj_result> handler;
    // The library keeps only the address behind it: this field keeps it alive. Keep this object until the client is closed.
    private readonly PosJunction.pj_event_fn entry;
    private List<Exception> raised = new List<Exception>();

    // Before the client's first request, once.
    public PosJunctionEvents(IntPtr client, Action<PosJunction.pj_event, PosJunction.pj_result> handler)
    {
        this.client = client;
        this.handler = handler;
        entry = Entry;
        int status = PosJunction.pj_on_event(client, entry, IntPtr.Zero, PosJunction.PJ_DELIVER_ON_DISPATCH);
        if (status != PosJunction.PJ_OK) throw new InvalidOperationException(PosJunction.LastError());
    }

    // Calls the handler with the news there is; what pj_dispatch returns. Throws what handlers threw.
    public int Dispatch(int timeoutMs)
    {
        uint delivered;
        int status = PosJunction.pj_dispatch(client, timeoutMs, out delivered);
        GC.KeepAlive(this);
        if (raised.Count == 0) return status;
        List<Exception> all = raised;
        raised = new List<Exception>();
        throw new AggregateException(all);
    }

    private void Entry(ref PosJunction.pj_event e, IntPtr user)
    {
        try
        {
            handler(e, (PosJunction.pj_result)Marshal.PtrToStructure(e.result, typeof(PosJunction.pj_result)));
        }
        catch (Exception exception)
        {
            raised.Add(exception);
        }
    }
}
