/* A till that is killed. The driver is tests/crash; the till's database is its standard output, line by line, each
   line out before the next step.

       crash LANE PREFIX COUNT PATIENCE [REFERENCE...]

   Opens the journal, settles what earlier runs left over, looks for the references, then makes COUNT payments, each
   under a reference of its own, on one terminal. PATIENCE is how many milliseconds it follows each of them. Without
   arguments it makes two payments and looks into the vendor's books. Lines:

       open                          the client is open
       closed - STATUS               it could not be opened; nothing follows
       refused REFERENCE STATUS      it was not taken on
       ask REFERENCE AMOUNT          written before the payment is asked for
       state REFERENCE STATE         each state seen
       pending REFERENCE             an earlier run left it over
       found REFERENCE STATE         pj_find knows it
       nothing REFERENCE             pj_find does not
       told REFERENCE STATE MONEY AMOUNT TRANSACTION   a final result, before it is acknowledged
       ack REFERENCE                 acknowledged, before the call
       acked REFERENCE               acknowledged, after the call
       unknown REFERENCE STATUS      it has no end in time
       end                           closed in order
*/
#include "check.h"

static void say(const char *word, const char *reference, const char *rest)
{
    printf("%s %s%s%s\n", word, reference, rest[0] ? " " : "", rest);
    fflush(stdout);
}

/* Follows a request to its end, stores it, acknowledges it. */
static void follow(pj_request *request, int patience)
{
    pj_result r;
    char text[200];
    int32_t last = 0;
    long long end = now_ms() + patience;
    for (;;) {
        r = poll_result(request);
        if (r.state != last) {
            say("state", r.reference, pj_state_name(r.state));
            last = r.state;
        }
        if (r.flags & PJ_FLAG_FINAL) break;
        if (now_ms() > end) {
            say("unknown", r.reference, pj_status_name(r.status));
            OK(pj_request_free(request));
            return;
        }
        sleep_ms(1);
    }
    snprintf(text, sizeof text, "%s %s %lld %s", pj_state_name(r.state), pj_money_name(r.money),
             (long long)r.approved_amount, r.transaction_id[0] ? r.transaction_id : "-");
    say("told", r.reference, text);
    say("ack", r.reference, "");
    /* A late approval may come between: then it is told again. */
    if (pj_acknowledge(request) == PJ_OK) say("acked", r.reference, "");
    OK(pj_request_free(request));
}

static void left_over(pj_client *client, int patience)
{
    uint32_t count = pending(client), i;
    for (i = 0; i < count; i++) {
        pj_request *request;
        OK(pj_pending_at(client, i, &request));
        say("pending", poll_result(request).reference, "");
        follow(request, patience);
    }
}

int main(int argc, char **argv)
{
    const char *lane = argc > 1 ? argv[1] : LANE1, *prefix = argc > 2 ? argv[2] : "7";
    int count = argc > 3 ? atoi(argv[3]) : 2, patience = argc > 4 ? atoi(argv[4]) : 20000, i;
    pj_client *client;
    pj_fields *config;
    pj_result result;
    pj_status said;
    config = CONFIG("send_within:1", "deadline:2", "log_level=debug");
    OK(pj_fields_set_text(config, "log_file", getenv("TILL_LOG") ? getenv("TILL_LOG") : "log"));
    note_violations();
    said = open_client(config, &client);
    OK(pj_fields_free(config));
    if (said != PJ_OK) {
        say("closed", "-", pj_status_name(said));
        return 0;
    }
    say("open", "-", "");
    left_over(client, patience);
    for (i = 5; i < argc; i++) {
        pj_request *request;
        said = pj_find(client, argv[i], &request);
        if (said == PJ_ERR_NO_SUCH_REQUEST) {
            say("nothing", argv[i], "");
            continue;
        }
        GIVES(PJ_OK, said);
        /* The journal is asked for one that ended long ago. */
        if (poll_result(request).state == PJ_STATE_QUEUED) {
            result.struct_size = sizeof result;
            pj_wait(request, 2000, &result);
        }
        say("found", argv[i], pj_state_name(poll_result(request).state));
        OK(pj_request_free(request));
    }
    for (i = 0; i < count; i++) {
        char reference[64], amount[32], invoice[33];
        pj_request *request;
        pj_fields *sale = BAG("despite_unknown:1");
        snprintf(reference, sizeof reference, "%s-%d", prefix, i);
        snprintf(amount, sizeof amount, "%d", 1000 + i);
        snprintf(invoice, sizeof invoice, "%u%04d", (unsigned)strtoul(prefix, 0, 10), i);
        OK(pj_fields_set_text(sale, "terminal", lane));
        OK(pj_fields_set_text(sale, "reference", reference));
        OK(pj_fields_set_text(sale, "invoice", invoice));
        OK(pj_fields_set_int(sale, "amount", 1000 + i));
        say("ask", reference, amount);
        said = pj_request_payment(client, sale, &request);
        OK(pj_fields_free(sale));
        if (said == PJ_ERR_TERMINAL_IN_USE) {
            /* The payment before this one is still on it. */
            say("refused", reference, pj_status_name(said));
            OK(pj_request_free(request));
            break;
        }
        if (said == PJ_ERR_JOURNAL) {
            say("refused", reference, pj_status_name(said));
            continue;
        }
        GIVES(PJ_OK, said);
        follow(request, patience);
    }
    OK(pj_client_close(client, 5000));
    say("end", "-", "");
    for (i = 0; argc == 1 && i < count; i++) {
        sale_name name;
        snprintf(name.invoice, sizeof name.invoice, "%s%04d", prefix, i);
        CHECK_INT(sim_charges(&name), 1);
        CHECK_INT(sim_moved(&name), 1000 + i);
    }
    return argc == 1 ? passed("a life without a kill") : 0;
}
