/* A sale from the header's first page: asked, waited for, acknowledged, found again. And what the terminal can answer. */
#include "check.h"

static pj_client *client;

static pj_result ends(int64_t amount, sale_name *name, pj_request **request)
{
    *name = new_name();
    *request = pay(client, LANE1, amount, name);
    return final_result(*request, 15000);
}

static void approved(void)
{
    sale_name name;
    pj_request *request, *again;
    pj_result r = ends(1234, &name, &request);
    int64_t number;
    char text[300];
    uint32_t length;

    CHECK_RESULT(&r, PJ_STATE_APPROVED, PJ_MONEY_MOVED, PJ_ADVICE_DONE);
    CHECK_INT(r.status, PJ_OK);
    CHECK_INT(r.requested_amount, 1234);
    CHECK_INT(r.approved_amount, 1234);
    CHECK_INT(r.tip_amount, 0);
    CHECK_INT(r.flags & (PJ_FLAG_PARTIAL | PJ_FLAG_AMOUNT_DIFFERS | PJ_FLAG_RECOVERED | PJ_FLAG_NOT_DURABLE), 0);
    CHECK_TEXT(r.currency, "USD");
    CHECK_TEXT(r.reference, name.reference);
    CHECK_TEXT(r.terminal, LANE1);
    CHECK_INT(strlen(r.card_last4), 4);
    CHECK(r.card_brand[0] && r.authorization_code[0] && r.request_id[0] && r.transaction_id[0] && r.message[0]);
    CHECK_INT(sim_charges(&name), 1);
    CHECK_INT(sim_submits(&name), 1);

    /* All the ways to the same handle. */
    OK(pj_find(client, name.reference, &again));
    CHECK(again == request);
    OK(pj_request_free(again));
    CHECK_INT(pending(client), 1);
    OK(pj_pending_at(client, 0, &again));
    CHECK(again == request);
    OK(pj_request_free(again));
    GIVES(PJ_ERR_NO_SUCH_REQUEST, pj_pending_at(client, 1, &again));
    GIVES(PJ_ERR_NO_SUCH_REQUEST, pj_find(client, "no such reference", &again));

    /* The getters say what the result says. */
    OK(pj_get_text(request, "transaction_id", text, sizeof text, &length));
    CHECK_TEXT(text, r.transaction_id);
    CHECK_INT(length, strlen(text));
    OK(pj_get_text(request, "approved_amount", text, sizeof text, 0));
    CHECK_TEXT(text, "1234");
    OK(pj_get_int(request, "approved_amount", &number));
    CHECK_INT(number, 1234);
    GIVES(PJ_ERR_INVALID_FIELD, pj_get_int(request, "reference", &number));
    GIVES(PJ_ERR_NO_VALUE, pj_get_int(request, "no_such_value", &number));
    GIVES(PJ_ERR_NO_VALUE, pj_get_text(request, "terminals.count", text, sizeof text, 0));

    GIVES(PJ_ERR_WRONG_STATE, pj_cancel(request));
    GIVES(PJ_ERR_WRONG_STATE, pj_resolve(request, PJ_DECISION_PAID, "Ann", "saw it"));

    r = result_with(request, PJ_FLAG_TERMINAL_FREE, 10000);
    CHECK_INT(r.state, PJ_STATE_APPROVED);
    OK(pj_acknowledge(request));
    OK(pj_acknowledge(request));
    CHECK_INT(pending(client), 0);
    OK(pj_request_free(request));
    GIVES(PJ_ERR_INVALID_HANDLE, pj_request_free(request));

    /* Acknowledged and freed, it is still there to be found. */
    OK(pj_find(client, name.reference, &again));
    r = final_result(again, 5000);
    CHECK_INT(r.approved_amount, 1234);
    OK(pj_request_free(again));
}

static void answers_of_a_terminal(void)
{
    static const struct {
        int64_t amount;
        int32_t state, money, advice, status;
        int64_t approved;
        uint32_t flags;
    } table[] = {
        {20051, PJ_STATE_DECLINED, PJ_MONEY_NOT_MOVED, PJ_ADVICE_NEW_CARD, PJ_ERR_DECLINED, 0, 0},
        {20001, PJ_STATE_CANCELED, PJ_MONEY_NOT_MOVED, PJ_ADVICE_RETRY, PJ_ERR_CANCELED, 0, 0},
        {20003, PJ_STATE_FAILED, PJ_MONEY_NOT_MOVED, PJ_ADVICE_RETRY, PJ_ERR_DEVICE_BUSY, 0, 0},
        {20008, PJ_STATE_APPROVED, PJ_MONEY_MOVED, PJ_ADVICE_DONE, PJ_OK, 20008, 0},
        {20018, PJ_STATE_APPROVED, PJ_MONEY_MOVED, PJ_ADVICE_DONE, PJ_OK, 20018, 0},
        {20014, PJ_STATE_DECLINED, PJ_MONEY_NOT_MOVED, PJ_ADVICE_NEW_CARD, PJ_ERR_DECLINED, 0, PJ_FLAG_HELD},
    };
    size_t i;
    for (i = 0; i < sizeof table / sizeof table[0]; i++) {
        sale_name name;
        pj_request *request;
        pj_result r = ends(table[i].amount, &name, &request);
        printf("%lld: %s %s %s\n", (long long)table[i].amount, pj_state_name(r.state), pj_status_name(r.status), r.message);
        CHECK_RESULT(&r, table[i].state, table[i].money, table[i].advice);
        CHECK_INT(r.status, table[i].status);
        CHECK_INT(r.approved_amount, table[i].approved);
        CHECK_INT(r.flags & (table[i].flags | PJ_FLAG_HELD), table[i].flags);
        CHECK_INT(sim_charges(&name), table[i].state == PJ_STATE_APPROVED);
        settle(request);
    }
}

/* A tip that the customer keys in comes on top; a part that the issuer grants is refused unless it was allowed. */
static void tip(void)
{
    sale_name name = new_name();
    pj_request *request;
    pj_fields *sale = BAG("amount:20009", "prompt_tip:1");
    pj_result r;
    OK(pj_fields_set_text(sale, "reference", name.reference));
    OK(pj_fields_set_text(sale, "invoice", name.invoice));
    OK(pj_request_payment(client, sale, &request));
    OK(pj_fields_free(sale));
    r = final_result(request, 15000);
    CHECK_RESULT(&r, PJ_STATE_APPROVED, PJ_MONEY_MOVED, PJ_ADVICE_DONE);
    CHECK_INT(r.tip_amount, 4000);
    CHECK_INT(r.approved_amount, 24009);
    CHECK_INT(r.requested_amount, 20009);
    settle(request);
}

/* After a proven failure the reference may be used again, and then there is one charge. */
static void again_after_a_failure(void)
{
    sale_name name;
    pj_request *first, *second;
    pj_result r = ends(20001, &name, &first);
    CHECK_INT(r.advice, PJ_ADVICE_RETRY);
    result_with(first, PJ_FLAG_TERMINAL_FREE, 5000);
    OK(pj_acknowledge(first));
    sim_script("Approve");
    second = pay(client, LANE1, 20001, &name);
    CHECK(second != first);
    r = final_result(second, 20000);
    CHECK_RESULT(&r, PJ_STATE_APPROVED, PJ_MONEY_MOVED, PJ_ADVICE_DONE);
    CHECK_INT(sim_charges(&name), 1);
    CHECK_INT(poll_result(first).state, PJ_STATE_CANCELED);
    OK(pj_request_free(first));
    settle(second);
}

int main(void)
{
    CHECK_INT(pj_version(), PJ_HEADER_VERSION);
    CHECK_TEXT(pj_version_text(), PJ_HEADER_VERSION_TEXT);
    client = OPEN("terminal=" LANE1);
    approved();
    answers_of_a_terminal();
    tip();
    again_after_a_failure();
    CHECK_INT(pending(client), 0);
    close_client(client);
    return passed("a sale and the answers of a terminal");
}
