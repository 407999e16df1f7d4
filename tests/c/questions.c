/* Questions at a terminal that move no money, through the header alone: signature, prompt, input, card read; with the red
   X, a busy and an unplugged terminal, lost answers, and a restart in the middle. Where a vendor's terminals ask nothing,
   that is said beforehand. */
#include "answers.h"

/* What the simulator's customer keys in, and what the card says. */
#define PHONE "8006010230"
#define STRIPE ";7090112233654321?"

static const char *const PRIVATE[] = {PHONE, "7090112233654321", "654321?"};

/* The customer presses a button, of which 0 is the first. */
static void press(const char *terminal, int button)
{
    char touch[150];
    snprintf(touch, sizeof touch, "{\"terminal\": \"%s\", \"touch\": {\"Button\": %d}}", terminal, button);
    sim("touch", touch);
}

static pj_fields *prompt_bag(int buttons, const char *terminal)
{
    static const char *const labels[] = {"Yes", "No", "Later"};
    pj_fields *bag = BAG("text=Join our club?\nIt is free.");
    int i;
    OK(pj_fields_set_text(bag, "terminal", terminal));
    for (i = 0; i < buttons; i++) OK(pj_fields_add_text(bag, "buttons", labels[i]));
    return bag;
}

static void prompts(void)
{
    static const char *const labels[] = {"Yes", "No", "Later"};
    int buttons, pressed;
    for (buttons = 1; buttons <= 3; buttons++) {
        for (pressed = 0; pressed < buttons; pressed++) {
            pj_request *request = start(pj_request_prompt, prompt_bag(buttons, TOUCHED));
            result_from_state(request, PJ_STATE_AT_TERMINAL, 10000);
            has_no(request, "prompt.button");
            press(TOUCHED, pressed);
            completed(request);
            CHECK_TEXT(text_of(request, "prompt.button"), labels[pressed]);
            CHECK_INT(int_of(request, "prompt.index"), pressed);
            CHECK_HAS(json_of(request), "\"prompt.button\":");
            settle(request);
        }
    }
    /* None at all, four, two alike, one too long. */
    {
        pj_request *request;
        pj_fields *bag = prompt_bag(0, TOUCHED);
        GIVES(PJ_ERR_MISSING_FIELD, pj_request_prompt(client, bag, &request));
        OK(pj_fields_free(bag));
        bag = prompt_bag(3, TOUCHED);
        OK(pj_fields_add_text(bag, "buttons", "Never"));
        GIVES(PJ_ERR_INVALID_FIELD, pj_request_prompt(client, bag, &request));
        OK(pj_fields_free(bag));
        bag = prompt_bag(1, TOUCHED);
        OK(pj_fields_add_text(bag, "buttons", "Yes"));
        GIVES(PJ_ERR_INVALID_FIELD, pj_request_prompt(client, bag, &request));
        OK(pj_fields_free(bag));
        bag = prompt_bag(1, TOUCHED);
        OK(pj_fields_add_text(bag, "buttons", "Certainly"));
        GIVES(PJ_ERR_INVALID_FIELD, pj_request_prompt(client, bag, &request));
        OK(pj_fields_free(bag));
    }
}

static void answers(void)
{
    pj_request *request = start(pj_request_signature, BAG("terms=I have read the rules.", "reference=waiver-7"));
    pj_request *fetched, *same;
    pj_fields *bag;
    completed(request);
    check_image(request);
    CHECK_INT(strlen(text_of(request, "signature.id")), 32);
    CHECK_HAS(json_of(request), "\"signature.image\":\"iVBORw0KGgo");
    OK(pj_find(client, "waiver-7", &same));
    CHECK(same == request);
    OK(pj_request_free(same));
    bag = BAG("reference=");
    OK(pj_fields_set_text(bag, "signature", text_of(request, "signature.id")));
    fetched = start(pj_fetch_signature, bag);
    completed(fetched);
    check_image(fetched);
    /* Acknowledged, it stays readable until the handle is given back. */
    result_with(request, PJ_FLAG_TERMINAL_FREE, 5000);
    OK(pj_acknowledge(request));
    OK(pj_acknowledge(fetched));
    sleep_ms(300);
    check_image(request);
    check_image(fetched);
    OK(pj_request_free(request));
    OK(pj_request_free(fetched));

    request = start(pj_request_input, BAG("input_type=phone"));
    completed(request);
    CHECK_TEXT(text_of(request, "input.value"), PHONE);
    CHECK_HAS_NOT(json_of(request), PHONE);
    settle(request);

    request = start(pj_request_card_read, BAG("reference="));
    completed(request);
    CHECK_TEXT(text_of(request, "card_read.data"), STRIPE);
    CHECK_TEXT(text_of(request, "card_read.track2"), STRIPE);
    has_no(request, "card_read.track1");
    CHECK_HAS_NOT(json_of(request), "7090112233654321");
    {
        char bytes[64];
        uint32_t len;
        OK(pj_get_bytes(request, "card_read.data", bytes, sizeof bytes, &len));
        CHECK(len == strlen(STRIPE) && memcmp(bytes, STRIPE, len) == 0);
    }
    settle(request);
}

static void endings(void)
{
    pj_request *request, *other;
    pj_result r;
    /* The customer presses the red X. */
    request = start(pj_request_prompt, prompt_bag(2, TOUCHED));
    result_from_state(request, PJ_STATE_AT_TERMINAL, 10000);
    sim_touch(TOUCHED, "Cancel");
    r = final_result(request, 10000);
    CHECK_RESULT(&r, PJ_STATE_CANCELED, PJ_MONEY_NOT_MOVED, PJ_ADVICE_RETRY);
    has_no(request, "prompt.button");
    settle(request);
    /* The till cancels. Meanwhile the terminal carries nothing else. */
    request = start(pj_request_prompt, prompt_bag(2, TOUCHED));
    result_from_state(request, PJ_STATE_AT_TERMINAL, 10000);
    {
        pj_fields *bag = prompt_bag(1, TOUCHED);
        GIVES(PJ_ERR_TERMINAL_IN_USE, pj_request_prompt(client, bag, &other));
        CHECK(other == request);
        OK(pj_request_free(other));
        OK(pj_fields_free(bag));
    }
    GIVES(PJ_ERR_WRONG_STATE, pj_acknowledge(request));
    OK(pj_cancel(request));
    r = final_result(request, 10000);
    CHECK_RESULT(&r, PJ_STATE_CANCELED, PJ_MONEY_NOT_MOVED, PJ_ADVICE_RETRY);
    CHECK(r.flags & PJ_FLAG_CANCEL_REQUESTED);
    settle(request);
    /* Busy, unplugged, unknown. */
    request = start(pj_request_prompt, prompt_bag(1, OCCUPIED));
    failed(request, PJ_ERR_DEVICE_BUSY);
    settle(request);
    request = start(pj_request_input, BAG("terminal=@unplugged"));
    failed(request, PJ_ERR_DEVICE_OFFLINE);
    settle(request);
    request = start(pj_request_card_read, BAG("terminal=@unknown"));
    failed(request, PJ_ERR_UNKNOWN_DEVICE);
    settle(request);
    /* The answer to the question's submit is lost: it is not sent again. */
    {
        int before = sim_count("calls", "\"kind\":\"Action\"", 0);
        sim_fail("Action", "After", "Reset", 1, 1);
        request = start(pj_request_prompt, prompt_bag(1, LANE2));
        r = failed(request, PJ_ERR_CONNECTION_LOST);
        CHECK_HAS(r.message, "may be showing");
        sleep_ms(1500);
        CHECK_INT(sim_count("calls", "\"kind\":\"Action\"", 0), before + 1);
        settle(request);
    }
}

/* Closes in the middle of one question and after the answer of another, and opens again. */
static void restart(void)
{
    pj_request *running = start(pj_request_prompt, prompt_bag(2, TOUCHED)), *request;
    pj_request *answered = start(pj_request_card_read, BAG("reference=club-card"));
    pj_request *signed_one;
    char id[64];
    uint32_t count, i;
    int seen = 0;
    result_from_state(running, PJ_STATE_AT_TERMINAL, 10000);
    completed(answered);
    result_with(answered, PJ_FLAG_TERMINAL_FREE, 5000);
    signed_one = start(pj_request_signature, BAG("terms=Again.", "terminal=@lane2"));
    completed(signed_one);
    strcpy(id, text_of(signed_one, "signature.id"));
    result_with(signed_one, PJ_FLAG_TERMINAL_FREE, 5000);
    close_client(client);
    OK(pj_request_free(running));
    OK(pj_request_free(answered));
    OK(pj_request_free(signed_one));

    client = OPEN("log_file=log", "log_level=trace");
    count = pending(client);
    CHECK_INT(count, 3);
    for (i = 0; i < count; i++) {
        pj_result r;
        OK(pj_pending_at(client, i, &request));
        r = poll_result(request);
        if (strcmp(text_of(request, "kind"), "prompt") == 0) {
            CHECK(r.state < PJ_STATE_APPROVED);
            result_from_state(request, PJ_STATE_AT_TERMINAL, 10000);
            press(TOUCHED, 1);
            completed(request);
            CHECK_TEXT(text_of(request, "prompt.button"), "No");
        } else {
            CHECK_RESULT(&r, PJ_STATE_COMPLETED, PJ_MONEY_NOT_MOVED, PJ_ADVICE_DONE);
            CHECK_HAS(r.message, "gone");
            CHECK_INT(int_of(request, "answer_gone"), 1);
            has_no(request, "card_read.data");
            has_no(request, "card_read.track2");
            has_no(request, "signature.image");
            if (strcmp(text_of(request, "kind"), "signature") == 0) CHECK_TEXT(text_of(request, "signature.id"), id);
            else CHECK_TEXT(r.reference, "club-card");
        }
        seen++;
        settle(request);
    }
    CHECK_INT(seen, 3);
    CHECK_INT(pending(client), 0);
}

/* A terminal that never says what became of a question: unknown, without money, until a person gives it up. */
static void given_up(void)
{
    pj_client *patient = client;
    pj_request *request;
    pj_result r;
    client = OPEN("journal=memory", "deadline:1");
    stage(SCENE_UNPLUGGED);
    request = start(pj_request_input, BAG("terminal=@lane2"));
    r = result_from_state(request, PJ_STATE_UNKNOWN, 20000);
    CHECK_RESULT(&r, PJ_STATE_UNKNOWN, PJ_MONEY_NOT_MOVED, PJ_ADVICE_RESOLVE);
    CHECK_HAS(r.message, "No money");
    GIVES(PJ_ERR_INVALID_ARGUMENT, pj_resolve(request, PJ_DECISION_PAID, "manager", "no money is asked for"));
    OK(pj_resolve(request, PJ_DECISION_NOT_PAID, "manager", "the terminal is unplugged"));
    r = final_result(request, 5000);
    CHECK_RESULT(&r, PJ_STATE_FAILED, PJ_MONEY_NOT_MOVED, PJ_ADVICE_RETRY);
    CHECK(r.flags & PJ_FLAG_RESOLVED);
    settle(request);
    close_client(client);
    client = patient;
}

/* Nothing that was keyed in or read stands in a file. */
static void look_into(const char *path, size_t at_least)
{
    static char text[1 << 20];
    FILE *file = fopen(path, "rb");
    size_t length, i, at;
    if (!file && at_least == 0) return;
    CHECK(file != 0);
    length = fread(text, 1, sizeof text, file);
    fclose(file);
    CHECK(length >= at_least && length < sizeof text);
    for (i = 0; i < sizeof PRIVATE / sizeof PRIVATE[0]; i++) {
        for (at = 0; at + strlen(PRIVATE[i]) <= length; at++) {
            if (memcmp(text + at, PRIVATE[i], strlen(PRIVATE[i])) != 0) continue;
            fprintf(stderr, "%s holds %s\n", path, PRIVATE[i]);
            CHECK(!"what was for the program only came out");
        }
    }
}

static int lines;

static void PJ_CALL on_log(int32_t level, const char *line, void *user)
{
    size_t i;
    (void)level;
    (void)user;
    lines++;
    for (i = 0; i < sizeof PRIVATE / sizeof PRIVATE[0]; i++) CHECK_HAS_NOT(line, PRIVATE[i]);
}

/* Not one of the four. */
static void nothing_is_asked(void)
{
    unsupported(pj_request_signature, BAG("terms=The rules.", "terminal=@lane1"), PJ_CAN_REQUEST_SIGNATURE, "signatures");
    unsupported(pj_request_prompt, prompt_bag(2, LANE1), PJ_CAN_REQUEST_PROMPT, "prompts");
    unsupported(pj_request_input, BAG("input_type=phone"), PJ_CAN_REQUEST_INPUT, "input");
    unsupported(pj_request_card_read, BAG("terminal=@lane2"), PJ_CAN_REQUEST_CARD_READ, "reading of cards");
    CHECK_INT(pending(client), 0);
}

int main(void)
{
    client = OPEN("log_file=log", "log_level=trace");
    if (!can(client, PJ_CAN_REQUEST_PROMPT)) {
        nothing_is_asked();
        close_client(client);
        return passed("no questions");
    }
    OK(pj_on_log(client, on_log, 0, PJ_LOG_TRACE));
    prompts();
    answers();
    endings();
    OK(pj_dispatch(client, 0, 0));
    CHECK(lines > 50);
    restart();
    given_up();
    close_client(client);
    look_into("log", 1000);
    look_into("till.journal", 1000);
    look_into("till.journal-wal", 0);
    return passed("questions");
}
