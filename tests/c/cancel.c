/* Cancel, at every moment of a payment: what the result says is what the vendor's books say. */
#include "check.h"

static pj_client *client;

/* The customer has not come yet. */
static void at_the_terminal(void)
{
    sale_name name = new_name();
    pj_request *request;
    pj_result r;
    stage(SCENE_BY_HAND);
    request = pay(client, LANE1, 1100, &name);
    result_from_state(request, PJ_STATE_AT_TERMINAL, 10000);
    call_off(client, request, LANE1);
    if (can(client, PJ_CAN_CANCEL)) OK(pj_cancel(request));
    r = final_result(request, 20000);
    CHECK_RESULT(&r, PJ_STATE_CANCELED, PJ_MONEY_NOT_MOVED, PJ_ADVICE_RETRY);
    CHECK_INT((r.flags & PJ_FLAG_CANCEL_REQUESTED) != 0, can(client, PJ_CAN_CANCEL));
    CHECK_INT(r.status, PJ_ERR_CANCELED);
    CHECK_INT(sim_charges(&name), 0);
    GIVES(PJ_ERR_WRONG_STATE, pj_cancel(request));
    settle(request);
}

/* Too late, in time, or not to be had from here: the till may ask at any moment. */
static void ask_to_cancel(pj_request *request)
{
    pj_status said = pj_cancel(request);
    if (said == PJ_ERR_UNSUPPORTED) CHECK(!can(client, PJ_CAN_CANCEL));
    else CHECK(said == PJ_OK || said == PJ_ERR_WRONG_STATE);
}

/* Right after it was asked for: perhaps nothing was sent yet. */
static void at_once(void)
{
    sale_name name = new_name();
    pj_request *request = pay(client, LANE1, 1101, &name);
    pj_result r;
    ask_to_cancel(request);
    r = final_result(request, 20000);
    CHECK(r.state == PJ_STATE_CANCELED || r.state == PJ_STATE_APPROVED);
    CHECK_INT(r.state == PJ_STATE_APPROVED, sim_charges(&name));
    settle(request);
}

/* The race with the customer's card. */
static void race(void)
{
    int i, approved = 0, canceled = 0;
    for (i = 0; i < 7; i++) {
        sale_name name = new_name();
        pj_request *request;
        pj_result r;
        stage(SCENE_SLOW_CARD);
        request = pay(client, LANE1, 1200 + i, &name);
        result_from_state(request, PJ_STATE_ACCEPTED, 10000);
        /* The card comes 2250 ms after the request. */
        sleep_ms(1900 + 100 * i);
        ask_to_cancel(request);
        r = final_result(request, 20000);
        CHECK(r.state == PJ_STATE_CANCELED || r.state == PJ_STATE_APPROVED);
        CHECK_INT(r.money, r.state == PJ_STATE_APPROVED ? PJ_MONEY_MOVED : PJ_MONEY_NOT_MOVED);
        CHECK_INT(r.state == PJ_STATE_APPROVED, sim_charges(&name));
        approved += r.state == PJ_STATE_APPROVED;
        canceled += r.state == PJ_STATE_CANCELED;
        settle(request);
    }
    printf("the race: %d approved, %d canceled\n", approved, canceled);
    CHECK(approved > 0);
    CHECK_INT(canceled > 0, can(client, PJ_CAN_CANCEL));
}

/* The answer to the cancel is lost. */
static void lost(void)
{
    static const char *const when[] = {"Before", "After"};
    int i;
    if (!can(client, PJ_CAN_CANCEL)) {
        not_here("cancel whose answer could be lost", "nothing is sent");
        CHECK(!vendor()->cancel_call);
        return;
    }
    for (i = 0; i < 2; i++) {
        sale_name name = new_name();
        pj_request *request;
        pj_result r;
        stage(SCENE_BY_HAND);
        sim_fail(vendor()->cancel_call, when[i], "Reset", 1, 1);
        request = pay(client, LANE1, 1300 + i, &name);
        result_from_state(request, PJ_STATE_AT_TERMINAL, 10000);
        OK(pj_cancel(request));
        r = final_result(request, 30000);
        CHECK_RESULT(&r, PJ_STATE_CANCELED, PJ_MONEY_NOT_MOVED, PJ_ADVICE_RETRY);
        CHECK_INT(sim_charges(&name), 0);
        faults_happened();
        settle(request);
    }
}

/* A terminal that somebody else uses is left alone. */
static void occupied(void)
{
    sale_name name = new_name();
    pj_request *request = pay(client, OCCUPIED, 1400, &name);
    pj_result r = final_result(request, 15000);
    CHECK_RESULT(&r, PJ_STATE_FAILED, PJ_MONEY_NOT_MOVED, PJ_ADVICE_RETRY);
    CHECK_INT(r.status, PJ_ERR_DEVICE_BUSY);
    CHECK_INT(sim_count("terminals", OCCUPIED, vendor()->in_use), 1);
    OK(pj_acknowledge(request));
    OK(pj_request_free(request));
}

/* The customer pays while the cancel is on its way. */
static void paid_after_all(void)
{
    sale_name name = new_name();
    pj_request *request = pay(client, TOUCHED, 1500, &name);
    pj_result r;
    result_from_state(request, PJ_STATE_AT_TERMINAL, 10000);
    sim_touch(TOUCHED, "Tap");
    ask_to_cancel(request);
    r = final_result(request, 20000);
    CHECK_INT(r.state == PJ_STATE_APPROVED, sim_charges(&name));
    CHECK(r.state == PJ_STATE_APPROVED || r.state == PJ_STATE_CANCELED);
    settle(request);
}

int main(void)
{
    client = OPEN("terminal=@lane1", "log_file=log", "log_level=debug");
    sim("heal", "{}");
    CHECK_INT(can(client, PJ_CAN_CANCEL), vendor()->cancel_call != 0);
    at_the_terminal();
    at_once();
    race();
    lost();
    occupied();
    paid_after_all();
    close_client(client);
    return passed("cancel and its race");
}
