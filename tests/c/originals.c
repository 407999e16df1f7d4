/* Work on a payment that was made: void, refund, reverse, capture, tip, refund at the terminal; each with its answer lost
   before and after the vendor has done it. What the till says is what the vendor's books say. */
#include "answers.h"

static pj_request *on_original(starter function, const sale_name *original, const sale_name *name, const char *key, int64_t value)
{
    pj_fields *bag = BAG("despite_unknown:1");
    OK(pj_fields_set_text(bag, "reference", name->reference));
    OK(pj_fields_set_text(bag, "original", original->reference));
    if (key) OK(pj_fields_set_int(bag, key, value));
    return start(function, bag);
}

/* A payment of so many cents, stored. */
static sale_name paid(int64_t amount)
{
    sale_name name = new_name();
    pj_request *request = pay(client, LANE1, amount, &name);
    pj_result r = final_result(request, 20000);
    CHECK_RESULT(&r, PJ_STATE_APPROVED, PJ_MONEY_MOVED, PJ_ADVICE_DONE);
    settle(request);
    CHECK_INT(sim_moved(&name), amount);
    return name;
}

static void store(pj_request *request)
{
    OK(pj_acknowledge(request));
    OK(pj_request_free(request));
}

/* Ends well, and so many cents of the original are with the merchant then. */
static pj_result done(pj_request *request, int32_t money, const sale_name *original, int64_t moved)
{
    pj_result r = final_result(request, 30000);
    CHECK_RESULT(&r, PJ_STATE_APPROVED, money, PJ_ADVICE_DONE);
    CHECK_INT(sim_moved(original), moved);
    store(request);
    return r;
}

/* What a payment that was stored long ago shows now. */
static pj_result result_of(const sale_name *name)
{
    pj_request *request;
    pj_result r;
    OK(pj_find(client, name->reference, &request));
    r = final_result(request, 5000);
    OK(pj_request_free(request));
    return r;
}

/* When a change of it has been told, the payment itself shows it too, a few milliseconds later. */
static void comes_to(const sale_name *name, int32_t money)
{
    long long end = now_ms() + patience_ms(5000);
    while (result_of(name).money != money) {
        CHECK(now_ms() < end);
        sleep_ms(1);
    }
}

static void amount_comes_to(const sale_name *name, int64_t amount)
{
    long long end = now_ms() + patience_ms(5000);
    while (result_of(name).approved_amount != amount) {
        CHECK(now_ms() < end);
        sleep_ms(1);
    }
}

static void voids(void)
{
    sale_name sale = paid(3000), name = new_name(), other = new_name();
    pj_request *request, *second = 0;
    pj_fields *bag;
    pj_result r;
    CHECK(can(client, PJ_CAN_VOID));
    /* One original carries one change at a time. */
    sim_fail("Void", "After", "{\"Delay\": 700}", 1, 1);
    request = on_original(pj_void, &sale, &name, 0, 0);
    bag = BAG("reference=another void");
    OK(pj_fields_set_text(bag, "original", sale.reference));
    GIVES(PJ_ERR_TRANSACTION_IN_USE, pj_void(client, bag, &second));
    CHECK(second == request);
    OK(pj_request_free(second));
    done(request, PJ_MONEY_REVERSED, &sale, 0);
    faults_happened();
    comes_to(&sale, PJ_MONEY_REVERSED);
    /* What is void stays so, and there is nothing left to undo. */
    OK(pj_fields_set_text(bag, "reference", other.reference));
    request = start(pj_void, bag);
    r = final_result(request, 30000);
    CHECK_RESULT(&r, PJ_STATE_FAILED, PJ_MONEY_NOT_MOVED, r.advice);
    CHECK_INT(r.status, PJ_ERR_REJECTED);
    CHECK_INT(sim_moved(&sale), 0);
    store(request);
    /* The answer is lost: the original is read. */
    sale = paid(3001);
    name = new_name();
    sim_fail("Void", "After", "BadGateway", 1, 1);
    done(on_original(pj_void, &sale, &name, 0, 0), PJ_MONEY_REVERSED, &sale, 0);
    faults_happened();
}

/* Two equal parts go back, and the answer to the first is lost after it was done. */
static void refunds(void)
{
    sale_name sale = paid(4000), first = new_name(), second = new_name(), rest = new_name(), more = new_name();
    pj_request *request;
    pj_result r;
    CHECK(can(client, PJ_CAN_REFUND));
    sim("settle", "{}");
    sim_fail("Refund", "After", "HalfBody", 1, 1);
    r = done(on_original(pj_refund, &sale, &first, "amount", 1000), PJ_MONEY_MOVED, &sale, 3000);
    CHECK(r.flags & PJ_FLAG_RECOVERED);
    CHECK_INT(r.approved_amount, 1000);
    faults_happened();
    done(on_original(pj_refund, &sale, &second, "amount", 1000), PJ_MONEY_MOVED, &sale, 2000);
    CHECK(strcmp(result_of(&first).transaction_id, result_of(&second).transaction_id) != 0);
    /* Without an amount it is all that is left. */
    done(on_original(pj_refund, &sale, &rest, 0, 0), PJ_MONEY_MOVED, &sale, 0);
    CHECK_INT(result_of(&rest).approved_amount, 2000);
    /* More than was paid is not given back. */
    request = on_original(pj_refund, &sale, &more, "amount", 100);
    r = final_result(request, 30000);
    printf("one refund too many: %s %s %s\n", pj_state_name(r.state), pj_status_name(r.status), r.message);
    CHECK_INT(r.money, PJ_MONEY_NOT_MOVED);
    CHECK_INT(sim_moved(&sale), 0);
    store(request);
}

/* A refund that never arrived: nobody can know for minutes, and it is not sent again. A person decides. */
static void refund_lost_before(void)
{
    pj_client *patient = client;
    sale_name sale = paid(4500), name = new_name();
    pj_request *request;
    pj_result r;
    close_client(patient);
    client = OPEN("deadline:1");
    sim("settle", "{}");
    sim_fail("Refund", "Before", "Reset", 1, 1);
    request = on_original(pj_refund, &sale, &name, "amount", 1000);
    r = result_from_state(request, PJ_STATE_APPROVED, 20000);
    CHECK_RESULT(&r, PJ_STATE_UNKNOWN, PJ_MONEY_UNKNOWN, PJ_ADVICE_RESOLVE);
    faults_happened();
    OK(pj_resolve(request, PJ_DECISION_NOT_PAID, "Ann", "it is not in the record"));
    r = final_result(request, 5000);
    CHECK_INT(r.state, PJ_STATE_FAILED);
    CHECK(r.flags & PJ_FLAG_RESOLVED);
    CHECK_INT(sim_moved(&sale), 4500);
    CHECK_INT(sim_count("calls", "\"kind\":\"Refund\"", sale.reference), 0);
    store(request);
    close_client(client);
    client = OPEN("log_file=log");
}

/* Before the settlement a void, after it a refund: the till does not have to know. */
static void reversals(void)
{
    int settled;
    CHECK(can(client, PJ_CAN_REVERSE));
    for (settled = 0; settled < 2; settled++) {
        sale_name sale = paid(5000 + settled), name = new_name();
        pj_request *request;
        pj_result r;
        if (settled) sim("settle", "{}");
        request = on_original(pj_reverse, &sale, &name, 0, 0);
        r = final_result(request, 30000);
        printf("reverse, %s: %s %s\n", settled ? "settled" : "not settled", pj_state_name(r.state), pj_money_name(r.money));
        CHECK_RESULT(&r, PJ_STATE_APPROVED, PJ_MONEY_REVERSED, PJ_ADVICE_DONE);
        CHECK_INT(sim_moved(&sale), 0);
        store(request);
        comes_to(&sale, PJ_MONEY_REVERSED);
    }
}

/* A payment that is reserved and not taken. */
static sale_name reserved(int64_t amount)
{
    sale_name sale = new_name();
    pj_fields *bag = sale_of(&sale, LANE1, amount);
    pj_request *request;
    pj_result r;
    OK(pj_fields_set_text(bag, "capture", "later"));
    if (!can(client, PJ_CAN_CAPTURE_LATER) && !can(client, PJ_CAN_HOLD_AFTER)) {
        GIVES(PJ_ERR_UNSUPPORTED, pj_request_payment(client, bag, &request));
        OK(pj_fields_set_text(bag, "capture", "now"));
        CHECK(stage(SCENE_RESERVED));
        not_here("capture by the till's wish", "only what the vendor reserved by itself is taken");
    }
    request = start(pj_request_payment, bag);
    r = final_result(request, 20000);
    CHECK_RESULT(&r, PJ_STATE_APPROVED, PJ_MONEY_PENDING, PJ_ADVICE_DONE);
    CHECK_INT(sim_moved(&sale), 0);
    settle(request);
    return sale;
}

/* Reserved first, taken later; and the answer to the taking is lost. */
static void captures(void)
{
    int i;
    CHECK(can(client, PJ_CAN_CAPTURE));
    for (i = 0; i < 2; i++) {
        sale_name sale = reserved(6000 + i), name = new_name();
        pj_result r;
        if (i) sim_fail("Capture", "After", "Reset", 1, 1);
        done(on_original(pj_capture, &sale, &name, 0, 0), PJ_MONEY_MOVED, &sale, 6000 + i);
        faults_happened();
        comes_to(&sale, PJ_MONEY_MOVED);
        r = result_of(&sale);
        CHECK(r.flags & PJ_FLAG_CAPTURED);
    }
}

/* None of them arrives. The originals are read for a minute, and then it goes again: once. */
static void lost_before(void)
{
    sale_name sale = paid(3500), to_take = reserved(6500), tipped = new_name(), names[3];
    pj_request *requests[3] = {0, 0, 0};
    int i;
    for (i = 0; i < 3; i++) names[i] = new_name();
    sim_fail("Void", "Before", "Reset", 1, 1);
    sim_fail("Capture", "Before", "Garbage", 1, 1);
    requests[0] = on_original(pj_void, &sale, &names[0], 0, 0);
    requests[1] = on_original(pj_capture, &to_take, &names[1], 0, 0);
    if (can(client, PJ_CAN_ADJUST_TIP)) {
        tipped = paid(7500);
        sim_fail("Adjust", "Before", "Drop", 1, 1);
        requests[2] = on_original(pj_adjust_tip, &tipped, &names[2], "tip_amount", 100);
    }
    final_result(requests[0], 100000);
    final_result(requests[1], 100000);
    done(requests[0], PJ_MONEY_REVERSED, &sale, 0);
    done(requests[1], PJ_MONEY_MOVED, &to_take, 6500);
    if (can(client, PJ_CAN_ADJUST_TIP)) {
        final_result(requests[2], 30000);
        done(requests[2], PJ_MONEY_MOVED, &tipped, 7600);
    }
    faults_happened();
}

static void tips(void)
{
    sale_name sale = paid(7000), name = new_name();
    pj_fields *bag;
    if (!can(client, PJ_CAN_ADJUST_TIP)) {
        bag = BAG("tip_amount:500");
        OK(pj_fields_set_text(bag, "reference", name.reference));
        OK(pj_fields_set_text(bag, "original", sale.reference));
        unsupported(pj_adjust_tip, bag, PJ_CAN_ADJUST_TIP, "tips afterwards");
        return;
    }
    sim_fail("Adjust", "After", "Reset", 1, 1);
    done(on_original(pj_adjust_tip, &sale, &name, "tip_amount", 500), PJ_MONEY_MOVED, &sale, 7500);
    faults_happened();
    amount_comes_to(&sale, 7500);
    CHECK_INT(result_of(&sale).tip_amount, 500);
    /* Absolute, not a difference. */
    name = new_name();
    done(on_original(pj_adjust_tip, &sale, &name, "tip_amount", 300), PJ_MONEY_MOVED, &sale, 7300);
}

static void at_the_terminal(void)
{
    sale_name sale, name = new_name();
    pj_fields *bag;
    pj_request *request;
    pj_result r;
    if (!can(client, PJ_CAN_REQUEST_REFUND)) {
        unsupported(pj_request_refund, sale_of(&name, LANE1, 800), PJ_CAN_REQUEST_REFUND, "refunds at the terminal");
        return;
    }
    sale = paid(8000);
    sim("settle", "{}");
    bag = sale_of(&name, LANE1, 800);
    if (vendor()->refund_names_payment) {
        OK(pj_fields_free(bag));
        bag = BAG("amount:800");
        OK(pj_fields_set_text(bag, "reference", name.reference));
        OK(pj_fields_set_text(bag, "original", sale.reference));
    }
    request = start(pj_request_refund, bag);
    r = final_result(request, 20000);
    CHECK_RESULT(&r, PJ_STATE_APPROVED, PJ_MONEY_MOVED, PJ_ADVICE_DONE);
    CHECK_INT(r.approved_amount, 800);
    CHECK_INT(sim_moved(&sale), vendor()->refund_names_payment ? 7200 : 8000);
    if (!vendor()->refund_names_payment) CHECK_INT(sim_moved(&name), -800);
    settle(request);
}

static void reads(void)
{
    sale_name sale = paid(9000);
    pj_fields *bag = BAG("reference=");
    pj_request *request;
    OK(pj_fields_set_text(bag, "original", sale.reference));
    request = start(pj_fetch_transaction, bag);
    completed(request);
    CHECK_INT(int_of(request, "approved_amount"), 9000);
    CHECK_TEXT(text_of(request, "transaction_id"), result_of(&sale).transaction_id);
    OK(pj_request_free(request));
}

int main(void)
{
    client = OPEN("log_file=log");
    voids();
    refunds();
    reversals();
    captures();
    tips();
    at_the_terminal();
    reads();
    lost_before();
    refund_lost_before();
    close_client(client);
    return passed("work on payments that were made");
}
