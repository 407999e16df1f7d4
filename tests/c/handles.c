/* Handles that are stale, foreign or garbage: the worst is PJ_ERR_INVALID_HANDLE, on every function. */
#include "check.h"

static pj_client *client;
static pj_fields *bag;

typedef pj_status(PJ_CALL *work_fn)(pj_client *, const pj_fields *, pj_request **);
static const work_fn WORK[] = {
    pj_request_payment, pj_request_refund, pj_request_signature, pj_request_prompt, pj_request_input, pj_request_card_read,
    pj_capture, pj_void, pj_refund, pj_reverse, pj_adjust_tip, pj_fetch_transaction, pj_fetch_receipt, pj_send_receipt,
    pj_fetch_signature, pj_reconcile, pj_self_check, pj_list_terminals, pj_fetch_terminal, pj_pair_terminal,
    pj_unpair_terminal, pj_set_terminal, pj_identify_terminal,
};
#define WORKS ((int)(sizeof WORK / sizeof WORK[0]))

static void PJ_CALL on_event(const pj_event *event, void *user)
{
    (void)event;
    (void)user;
    CHECK(!"no event is told through a garbage handle");
}

static void PJ_CALL on_log(int32_t level, const char *line, void *user)
{
    (void)level;
    (void)line;
    (void)user;
}

enum { AS_FIELDS = 7, AS_CLIENT = 11 + 23, AS_REQUEST = 10, ALL = AS_FIELDS + AS_CLIENT + AS_REQUEST };

/* Calls function number `which` with this word in the place of its handle. */
static pj_status call(int which, void *word)
{
    pj_result result;
    pj_event event;
    pj_request *out = 0;
    pj_client *opened = 0;
    uint32_t count;
    int32_t number;
    int64_t value;
    char buf[64];
    result.struct_size = sizeof result;
    event.struct_size = sizeof event;
    switch (which) {
    case 0: return pj_fields_set_text((pj_fields *)word, "key", "value");
    case 1: return pj_fields_set_int((pj_fields *)word, "key", 1);
    case 2: return pj_fields_add_text((pj_fields *)word, "key", "value");
    case 3: return pj_fields_add_item((pj_fields *)word, "key", bag);
    case 4: return pj_fields_add_item(bag, "key", (pj_fields *)word);
    case 5: return pj_fields_free((pj_fields *)word);
    case 6: return pj_client_open((pj_fields *)word, &opened);
    case 7: return pj_client_close((pj_client *)word, 0);
    case 8: return pj_capable((pj_client *)word, PJ_CAN_CANCEL, &number);
    case 9: return pj_on_event((pj_client *)word, on_event, 0, PJ_DELIVER_ON_DISPATCH);
    case 10: return pj_on_log((pj_client *)word, on_log, 0, PJ_LOG_INFO);
    case 11: return pj_dispatch((pj_client *)word, 0, &count);
    case 12: return pj_next_event((pj_client *)word, 0, &event, &result);
    case 13: return pj_wakeup_fd((pj_client *)word, &number);
    case 14: return pj_wakeup_window((pj_client *)word, 0, 0);
    case 15: return pj_pending_count((pj_client *)word, &count);
    case 16: return pj_pending_at((pj_client *)word, 0, &out);
    case 17: return pj_find((pj_client *)word, "reference", &out);
    case 41: return pj_poll((pj_request *)word, &result);
    case 42: return pj_wait((pj_request *)word, 0, &result);
    case 43: return pj_cancel((pj_request *)word);
    case 44: return pj_acknowledge((pj_request *)word);
    case 45: return pj_resolve((pj_request *)word, PJ_DECISION_PAID, "Ann", "saw it");
    case 46: return pj_request_free((pj_request *)word);
    case 47: return pj_get_text((pj_request *)word, "state", buf, sizeof buf, &count);
    case 48: return pj_get_int((pj_request *)word, "state", &value);
    case 49: return pj_get_bytes((pj_request *)word, "signature", buf, sizeof buf, &count);
    case 50: return pj_get_json((pj_request *)word, buf, sizeof buf, &count);
    default: return WORK[which - 18]((pj_client *)word, bag, &out);
    }
}

static int kind_of(int which) { return which < 7 ? 'f' : which < 41 ? 'c' : 'r'; }

static void all_refuse(void *word, int kind, pj_status expected)
{
    int which;
    for (which = 0; which < ALL; which++) {
        pj_status said = call(which, word);
        if (said == (kind_of(which) == kind ? expected : PJ_ERR_INVALID_HANDLE)) continue;
        printf("function %d, word %p: %s\n", which, word, pj_status_name(said));
        CHECK(!"a wrong handle was taken");
    }
}

static uint64_t state = 88172645463325252ULL;

static uint64_t random_word(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

/* Random words, of every length, and near misses of a live handle. */
static void garbage(void)
{
    int i, words = getenv("PJ_SLOW") ? 20000 : 1000000;
    uint64_t live = (uint64_t)(uintptr_t)bag;
    for (i = 0; i < words; i++) {
        uint64_t word = random_word() >> (random_word() % 64);
        if (i % 4 == 0) word |= 1;
        if (i % 4 == 1) word = live ^ (1ULL << (i / 4 % 64)) ^ (i % 3 ? 0 : random_word() & 0xff0);
        word = (uint64_t)(uintptr_t)word;
        if (word == live || word == (uint64_t)(uintptr_t)client || word == 0) continue;
        CHECK_INT(call(i % ALL, (void *)(uintptr_t)word), PJ_ERR_INVALID_HANDLE);
    }
    /* Addresses, small numbers and all ones on every function. */
    for (i = 1; i < 64; i++) all_refuse((void *)(uintptr_t)i, 0, PJ_OK);
    all_refuse(&i, 0, PJ_OK);
    all_refuse((void *)~(uintptr_t)0, 0, PJ_OK);
    all_refuse((void *)((uintptr_t)1 << (sizeof(void *) * 8 - 1)), 0, PJ_OK);
    printf("%d random words\n", words);
}

/* A handle of one kind in the place of another. */
static void foreign(pj_request *request)
{
    int which;
    for (which = 0; which < ALL; which++) {
        if (kind_of(which) != 'f') GIVES(PJ_ERR_INVALID_HANDLE, call(which, bag));
        if (kind_of(which) != 'c') GIVES(PJ_ERR_INVALID_HANDLE, call(which, client));
        if (kind_of(which) != 'r') GIVES(PJ_ERR_INVALID_HANDLE, call(which, request));
    }
}

/* Every token of a run that was freed, while others take their places. */
static void stale(void)
{
    enum { MANY = 20000 };
    static pj_fields *freed[MANY];
    int i, which;
    for (i = 0; i < MANY; i++) {
        OK(pj_fields_new(&freed[i]));
        OK(pj_fields_free(freed[i]));
    }
    for (i = 0; i < MANY; i++)
        for (which = 0; which < 7; which += getenv("PJ_SLOW") ? 5 : 1) GIVES(PJ_ERR_INVALID_HANDLE, call(which, freed[i]));
    printf("%d freed handles\n", MANY);
}

int main(void)
{
    sale_name name = new_name();
    pj_request *request;
    pj_client *first;
    char words[512];
    OK(pj_fields_new(&bag));
    client = OPEN("terminal=@lane1");
    stage(SCENE_DECLINE);
    request = pay(client, LANE1, 2005, &name);
    CHECK_INT(final_result(request, 15000).state, PJ_STATE_DECLINED);
    foreign(request);
    garbage();
    stale();
    GIVES(PJ_ERR_INVALID_HANDLE, pj_fields_set_int((pj_fields *)(uintptr_t)12345, "amount", 1));
    OK(pj_last_error(words, sizeof words, 0));
    CHECK_HAS(words, "pj_fields_set_int");

    /* Two uses are freed twice, and not thrice. */
    {
        pj_request *same;
        OK(pj_find(client, name.reference, &same));
        CHECK(same == request);
        result_with(request, PJ_FLAG_TERMINAL_FREE, 10000);
        OK(pj_acknowledge(request));
        OK(pj_request_free(same));
        OK(pj_request_free(request));
        all_refuse(request, 0, PJ_OK);
    }

    /* After the close: the client's handle is dead, its requests say CLOSED, and can be freed in any order. */
    stage(SCENE_DECLINE);
    request = pay(client, LANE1, 2005, &name);
    final_result(request, 20000);
    first = client;
    close_client(client);
    all_refuse(first, 0, PJ_OK);
    GIVES(PJ_ERR_CLOSED, call(41, request));
    GIVES(PJ_ERR_CLOSED, call(42, request));
    GIVES(PJ_ERR_CLOSED, call(43, request));
    GIVES(PJ_ERR_CLOSED, call(44, request));
    GIVES(PJ_ERR_CLOSED, call(47, request));
    GIVES(PJ_ERR_CLOSED, call(48, request));
    GIVES(PJ_ERR_CLOSED, call(50, request));
    OK(pj_request_free(request));
    all_refuse(request, 0, PJ_OK);
    OK(pj_fields_free(bag));
    client = OPEN("terminal=@lane1");
    all_refuse(first, 0, PJ_OK);
    close_client(client);
    (void)WORKS;
    return passed("stale, foreign and garbage handles");
}
