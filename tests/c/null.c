/* NULL for every pointer of every function: an error code, never a crash. */
#include "check.h"

static pj_client *client;
static pj_fields *bag;
static pj_request *request;
static int calls;

/* What a call with one pointer missing must give. Freeing NULL is nothing; some outputs may be NULL. */
#define NULL_GIVES(expected, call) (calls++, GIVES(expected, call))
#define ARGUMENT(call) NULL_GIVES(PJ_ERR_INVALID_ARGUMENT, call)
#define HANDLE(call) NULL_GIVES(PJ_ERR_INVALID_HANDLE, call)

typedef pj_status(PJ_CALL *work_fn)(pj_client *, const pj_fields *, pj_request **);
static const work_fn WORK[] = {
    pj_request_payment, pj_request_refund, pj_request_signature, pj_request_prompt, pj_request_input, pj_request_card_read,
    pj_capture, pj_void, pj_refund, pj_reverse, pj_adjust_tip, pj_fetch_transaction, pj_fetch_receipt, pj_send_receipt,
    pj_fetch_signature, pj_reconcile, pj_self_check, pj_list_terminals, pj_fetch_terminal, pj_pair_terminal,
    pj_unpair_terminal, pj_set_terminal, pj_identify_terminal,
};

static void library(void)
{
    char buf[4] = "abc";
    uint32_t len = 77;
    CHECK(pj_status_name(-1) && pj_status_text(123456) && pj_state_name(-5) && pj_money_name(99) && pj_advice_name(0));
    CHECK_TEXT(pj_event_name(123), "(unknown)");
    ARGUMENT(pj_last_error(0, 10, &len));
    OK(pj_last_error(0, 0, &len));
    CHECK(len > 0 && len < 512);
    GIVES(PJ_ERR_BUFFER_TOO_SMALL, pj_last_error(buf, sizeof buf, 0));
    CHECK_TEXT(buf, "");
}

static void fields(void)
{
    ARGUMENT(pj_fields_new(0));
    HANDLE(pj_fields_set_text(0, "amount", "1"));
    ARGUMENT(pj_fields_set_text(bag, 0, "1"));
    ARGUMENT(pj_fields_set_text(bag, "key", 0));
    ARGUMENT(pj_fields_set_text(0, 0, 0));
    HANDLE(pj_fields_set_int(0, "amount", 1));
    ARGUMENT(pj_fields_set_int(bag, 0, 1));
    HANDLE(pj_fields_add_text(0, "buttons", "Yes"));
    ARGUMENT(pj_fields_add_text(bag, 0, "Yes"));
    ARGUMENT(pj_fields_add_text(bag, "buttons", 0));
    HANDLE(pj_fields_add_item(0, "line_items", bag));
    ARGUMENT(pj_fields_add_item(bag, 0, bag));
    HANDLE(pj_fields_add_item(bag, "line_items", 0));
    NULL_GIVES(PJ_OK, pj_fields_free(0));
}

static void clients(void)
{
    pj_client *other;
    int32_t yes;
    HANDLE(pj_client_open(0, &other));
    ARGUMENT(pj_client_open(bag, 0));
    ARGUMENT(pj_client_open(0, 0));
    NULL_GIVES(PJ_OK, pj_client_close(0, 0));
    HANDLE(pj_capable(0, PJ_CAN_CANCEL, &yes));
    ARGUMENT(pj_capable(client, PJ_CAN_CANCEL, 0));
    HANDLE(pj_webhook(0, "A: b", "{}", 2));
    ARGUMENT(pj_webhook(client, 0, "{}", 2));
    ARGUMENT(pj_webhook(client, "A: b", 0, 2));
    HANDLE(pj_diagnostics(0, "file"));
    ARGUMENT(pj_diagnostics(client, 0));
}

static void PJ_CALL on_event(const pj_event *event, void *user)
{
    (void)event;
    (void)user;
}

static void news(void)
{
    pj_event event;
    pj_result result;
    uint32_t count;
    int32_t fd;
    event.struct_size = sizeof event;
    result.struct_size = sizeof result;
    HANDLE(pj_on_event(0, on_event, 0, PJ_DELIVER_ON_DISPATCH));
    ARGUMENT(pj_on_event(client, 0, 0, PJ_DELIVER_ON_DISPATCH));
    HANDLE(pj_on_log(0, 0, 0, PJ_LOG_NONE));
    NULL_GIVES(PJ_OK, pj_on_log(client, 0, 0, PJ_LOG_TRACE));
    HANDLE(pj_dispatch(0, 0, &count));
    HANDLE(pj_next_event(0, 0, &event, &result));
    ARGUMENT(pj_next_event(client, 0, 0, &result));
    NULL_GIVES(PJ_OK, pj_next_event(client, 0, &event, 0));
    HANDLE(pj_wakeup_fd(0, &fd));
    ARGUMENT(pj_wakeup_fd(client, 0));
    HANDLE(pj_wakeup_window(0, 0, 0));
}

static void work(void)
{
    size_t i;
    for (i = 0; i < sizeof WORK / sizeof WORK[0]; i++) {
        pj_request *out = 0;
        pj_status said;
        HANDLE(WORK[i](0, bag, &out));
        ARGUMENT(WORK[i](client, bag, 0));
        ARGUMENT(WORK[i](0, 0, 0));
        CHECK(out == 0);
        /* No bag is an empty bag. */
        said = WORK[i](client, 0, &out);
        if (said == PJ_OK || said == PJ_ERR_TERMINAL_IN_USE) {
            /* What needs no more than the terminal of the configuration has begun, or waits behind what has. */
            OK(pj_request_free(out));
        } else {
            CHECK(said == PJ_ERR_MISSING_FIELD || said == PJ_ERR_UNSUPPORTED);
        }
        calls++;
    }
}

static void requests(void)
{
    pj_result result;
    pj_request *out;
    uint32_t count;
    int64_t number;
    char buf[64];
    result.struct_size = sizeof result;
    HANDLE(pj_poll(0, &result));
    ARGUMENT(pj_poll(request, 0));
    HANDLE(pj_wait(0, 0, &result));
    ARGUMENT(pj_wait(request, 0, 0));
    HANDLE(pj_cancel(0));
    HANDLE(pj_acknowledge(0));
    HANDLE(pj_resolve(0, PJ_DECISION_PAID, "Ann", "saw it"));
    ARGUMENT(pj_resolve(request, PJ_DECISION_PAID, 0, "saw it"));
    ARGUMENT(pj_resolve(request, PJ_DECISION_PAID, "Ann", 0));
    NULL_GIVES(PJ_OK, pj_request_free(0));
    HANDLE(pj_pending_count(0, &count));
    ARGUMENT(pj_pending_count(client, 0));
    HANDLE(pj_pending_at(0, 0, &out));
    ARGUMENT(pj_pending_at(client, 0, 0));
    HANDLE(pj_find(0, "reference", &out));
    ARGUMENT(pj_find(client, 0, &out));
    ARGUMENT(pj_find(client, "reference", 0));
    HANDLE(pj_get_text(0, "state", buf, sizeof buf, &count));
    ARGUMENT(pj_get_text(request, 0, buf, sizeof buf, &count));
    ARGUMENT(pj_get_text(request, "reference", 0, sizeof buf, &count));
    NULL_GIVES(PJ_OK, pj_get_text(request, "reference", buf, sizeof buf, 0));
    NULL_GIVES(PJ_OK, pj_get_text(request, "reference", 0, 0, 0));
    HANDLE(pj_get_int(0, "state", &number));
    ARGUMENT(pj_get_int(request, 0, &number));
    ARGUMENT(pj_get_int(request, "state", 0));
    HANDLE(pj_get_bytes(0, "signature", buf, sizeof buf, &count));
    ARGUMENT(pj_get_bytes(request, 0, buf, sizeof buf, &count));
    HANDLE(pj_get_json(0, buf, sizeof buf, &count));
    ARGUMENT(pj_get_json(request, 0, sizeof buf, &count));
}

int main(void)
{
    sale_name name = new_name();
    pj_result r;
    OK(pj_fields_new(&bag));
    client = OPEN("terminal=@lane1");
    stage(SCENE_DECLINE);
    request = pay(client, LANE1, 2005, &name);
    r = final_result(request, 15000);
    CHECK_INT(r.state, PJ_STATE_DECLINED);
    fields();
    clients();
    news();
    work();
    requests();
    library();
    settle(request);
    OK(pj_fields_free(bag));
    close_client(client);
    printf("%d calls with NULL\n", calls);
    return passed("NULL everywhere");
}
