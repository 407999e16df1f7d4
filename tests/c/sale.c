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
    CHECK(r.card_brand[0] && r.request_id[0] && r.transaction_id[0] && r.message[0]);
    CHECK_INT(r.authorization_code[0] != 0, vendor()->tells_authorization);
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
    const struct {
        int scene;
        int32_t state, money, advice, status;
        uint32_t flags;
    } table[] = {
        {SCENE_DECLINE, PJ_STATE_DECLINED, PJ_MONEY_NOT_MOVED, PJ_ADVICE_NEW_CARD, PJ_ERR_DECLINED, 0},
        {SCENE_RED_KEY, PJ_STATE_CANCELED, PJ_MONEY_NOT_MOVED, PJ_ADVICE_RETRY, PJ_ERR_CANCELED, 0},
        {SCENE_BUSY, PJ_STATE_FAILED, PJ_MONEY_NOT_MOVED, PJ_ADVICE_RETRY, PJ_ERR_DEVICE_BUSY, 0},
        {SCENE_NOBODY, vendor()->nobody_state, PJ_MONEY_NOT_MOVED, PJ_ADVICE_RETRY, vendor()->nobody_status, 0},
        {SCENE_SECOND_CARD, PJ_STATE_APPROVED, PJ_MONEY_MOVED, PJ_ADVICE_DONE, PJ_OK, 0},
        {SCENE_STRANGE_WORD, PJ_STATE_APPROVED, PJ_MONEY_MOVED, PJ_ADVICE_DONE, PJ_OK, 0},
        {SCENE_GATEWAY_ERROR, PJ_STATE_FAILED, PJ_MONEY_NOT_MOVED, PJ_ADVICE_RETRY, PJ_ERR_VENDOR, 0},
        {SCENE_HELD, PJ_STATE_DECLINED, PJ_MONEY_NOT_MOVED, PJ_ADVICE_NEW_CARD, PJ_ERR_DECLINED, PJ_FLAG_HELD},
    };
    size_t i;
    for (i = 0; i < sizeof table / sizeof table[0]; i++) {
        sale_name name;
        pj_request *request;
        pj_result r;
        int approved = table[i].state == PJ_STATE_APPROVED;
        if (!stage(table[i].scene)) continue;
        r = ends(5000 + (int64_t)i, &name, &request);
        printf("scene %d: %s %s %s\n", table[i].scene, pj_state_name(r.state), pj_status_name(r.status), r.message);
        CHECK_RESULT(&r, table[i].state, table[i].money, table[i].advice);
        CHECK_INT(r.status, table[i].status);
        CHECK_INT(r.approved_amount, approved ? r.requested_amount : 0);
        CHECK_INT(r.flags & (table[i].flags | PJ_FLAG_HELD), table[i].flags);
        CHECK_INT(sim_charges(&name), approved);
        CHECK_INT(sim_moved(&name), r.approved_amount);
        settle(request);
    }
}

/* Pays 150.09 with one field more, if the terminal can do what it asks for. What it cannot do is said beforehand. */
static pj_result pays_with(const char *field, int scene, int32_t capability, const char *what, int64_t moved)
{
    sale_name name = new_name();
    pj_request *request;
    pj_fields *sale = sale_of(&name, LANE1, 15009);
    pj_result r;
    memset(&r, 0, sizeof r);
    OK(pj_fields_set_int(sale, field, 1));
    if (!can(client, capability)) {
        char words[512];
        GIVES(PJ_ERR_UNSUPPORTED, pj_request_payment(client, sale, &request));
        OK(pj_last_error(words, sizeof words, 0));
        CHECK_HAS(words, field);
        CHECK_INT(sim_submits(&name), 0);
        not_here(what, words);
    } else {
        CHECK(stage(scene));
        OK(pj_request_payment(client, sale, &request));
        r = final_result(request, 15000);
        CHECK_RESULT(&r, PJ_STATE_APPROVED, PJ_MONEY_MOVED, PJ_ADVICE_DONE);
        CHECK_INT(r.approved_amount, moved);
        CHECK_INT(r.requested_amount, 15009);
        CHECK_INT(sim_moved(&name), moved);
        settle(request);
    }
    OK(pj_fields_free(sale));
    return r;
}

/* A tip that the customer keys in comes on top; a part that the issuer grants is refused unless it was allowed. */
static void tip_and_part(void)
{
    pj_result r = pays_with("prompt_tip", SCENE_TIP, PJ_CAN_TIPS, "tips", 19009);
    CHECK_INT(r.tip_amount, can(client, PJ_CAN_TIPS) ? 4000 : 0);
    r = pays_with("allow_partial", SCENE_PARTIAL, PJ_CAN_PARTIAL, "partial approvals", 10000);
    CHECK_INT(r.flags & PJ_FLAG_PARTIAL, can(client, PJ_CAN_PARTIAL) ? PJ_FLAG_PARTIAL : 0);
}

/* After a proven failure the reference may be used again, and then there is one charge. */
static void again_after_a_failure(void)
{
    sale_name name;
    pj_request *first, *second;
    pj_result r;
    stage(SCENE_RED_KEY);
    r = ends(5001, &name, &first);
    CHECK_INT(r.advice, PJ_ADVICE_RETRY);
    result_with(first, PJ_FLAG_TERMINAL_FREE, 5000);
    OK(pj_acknowledge(first));
    second = pay(client, LANE1, 5001, &name);
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
    client = OPEN("terminal=@lane1");
    approved();
    answers_of_a_terminal();
    tip_and_part();
    again_after_a_failure();
    CHECK_INT(pending(client), 0);
    close_client(client);
    return passed("a sale and the answers of a terminal");
}
