/* News in all four ways: callbacks in pj_dispatch, callbacks on a thread, pj_next_event, and polling the descriptor. */
#include "check.h"
#ifndef _WIN32
#include <poll.h>
#endif
#include <pthread.h>

#define TOLD 64

/* What a callback has heard. */
typedef struct {
    pj_client *client;
    pthread_t thread;
    int events, results, frees, lines, late;
    int32_t last_state;
    uint32_t last_number;
    char reference[64];
    pj_request *request;
    int try_everything;
    int done;
} ear;

/* In a callback: what may wait says REENTRANT, all else works, and the getters show the event. */
static void everything(ear *me, const pj_event *event)
{
    pj_event other;
    pj_result result;
    pj_request *found;
    uint32_t count;
    char text[64];
    int64_t number;
    other.struct_size = sizeof other;
    result.struct_size = sizeof result;
    GIVES(PJ_ERR_REENTRANT, pj_client_close(me->client, 0));
    GIVES(PJ_ERR_REENTRANT, pj_client_close(me->client, -1));
    GIVES(PJ_ERR_REENTRANT, pj_wait(event->request, 0, &result));
    GIVES(PJ_ERR_REENTRANT, pj_wait(event->request, -1, &result));
    GIVES(PJ_ERR_REENTRANT, pj_dispatch(me->client, 0, &count));
    GIVES(PJ_ERR_REENTRANT, pj_next_event(me->client, 0, &other, &result));
    OK(pj_poll(event->request, &result));
    OK(pj_get_text(event->request, "reference", text, sizeof text, 0));
    CHECK_TEXT(text, event->result->reference);
    OK(pj_get_int(event->request, "event_number", &number));
    CHECK_INT(number, event->result->event_number);
    OK(pj_get_int(event->request, "flags", &number));
    CHECK_INT(number, event->result->flags);
    OK(pj_find(me->client, event->result->reference, &found));
    CHECK(found == event->request);
    OK(pj_request_free(found));
    OK(pj_pending_count(me->client, &count));
    CHECK(count >= 1);
}

static void PJ_CALL hear(const pj_event *event, void *user)
{
    ear *me = (ear *)user;
    CHECK_INT(event->struct_size, sizeof *event);
    CHECK_INT(event->result->struct_size, sizeof *event->result);
    CHECK(event->kind >= PJ_EVENT_STATE && event->kind <= PJ_EVENT_UPDATED && event->reserved == 0 && event->request);
    CHECK(event->number >= me->last_number);
    me->last_number = event->number;
    if (me->events > 0 && me->results == 0) {
        CHECK(pthread_equal(me->thread, pthread_self()));
        CHECK(event->result->state >= me->last_state);
    }
    me->thread = pthread_self();
    me->events++;
    me->last_state = event->result->state;
    me->request = event->request;
    memcpy(me->reference, event->result->reference, sizeof me->reference);
    if (event->kind == PJ_EVENT_RESULT) {
        CHECK(event->result->flags & PJ_FLAG_FINAL);
        set(&me->results, me->results + 1);
    } else if (event->kind == PJ_EVENT_TERMINAL_FREE) {
        CHECK(event->result->flags & PJ_FLAG_TERMINAL_FREE);
        me->frees++;
    }
    if (me->try_everything) everything(me, event);
    if (event->result->flags & PJ_FLAG_TERMINAL_FREE) set(&me->done, 1);
}

static void PJ_CALL hear_line(int32_t level, const char *line, void *user)
{
    ear *me = (ear *)user;
    CHECK(level >= PJ_LOG_ERROR && level <= PJ_LOG_INFO && line[0] && !strchr(line, '\n'));
    me->lines++;
    if (strstr(line, "PJ_STATE_APPROVED")) CHECK_HAS_NOT(line, "4444");
}

static void on_dispatch(void)
{
    ear me;
    sale_name name = new_name();
    pj_client *client = OPEN("journal=dispatch.journal");
    pj_request *request;
    uint32_t count = 99;
    long long begin = now_ms(), end;
    memset(&me, 0, sizeof me);
    me.client = client;
    me.try_everything = 1;
    GIVES(PJ_ERR_WRONG_STATE, pj_dispatch(client, 0, &count));
    GIVES(PJ_ERR_INVALID_ARGUMENT, pj_on_event(client, hear, &me, 7));
    OK(pj_on_event(client, hear, &me, PJ_DELIVER_ON_DISPATCH));
    GIVES(PJ_ERR_WRONG_STATE, pj_on_event(client, hear, &me, PJ_DELIVER_ON_DISPATCH));
    OK(pj_on_log(client, hear_line, &me, PJ_LOG_INFO));
    while (me.lines > 0 || (OK(pj_dispatch(client, 100, &count)), count > 0)) me.lines = 0;
    CHECK_INT(count, 0);
    CHECK(now_ms() - begin >= 95);
    {
        pj_event event;
        event.struct_size = sizeof event;
        GIVES(PJ_ERR_WRONG_STATE, pj_next_event(client, 0, &event, 0));
    }
    request = pay(client, LANE1, 1800, &name);
    CHECK_INT(me.events, 0);
    for (end = now_ms() + patience_ms(20000); !seen(&me.done) && now_ms() < end;) OK(pj_dispatch(client, 1000, &count));
    CHECK(me.done && me.results == 1 && me.events >= 2 && me.lines > 2);
    CHECK(me.request == request);
    CHECK_TEXT(me.reference, name.reference);
    CHECK_INT(poll_result(request).state, PJ_STATE_APPROVED);
    OK(pj_acknowledge(request));
    OK(pj_request_free(request));
    printf("in pj_dispatch: %d events, %d lines\n", me.events, me.lines);
    close_client(client);
}

static void on_thread(void)
{
    ear me;
    sale_name name = new_name();
    pj_client *client = OPEN("journal=thread.journal");
    pj_request *request;
    uint32_t count;
    long long end;
    memset(&me, 0, sizeof me);
    me.client = client;
    me.try_everything = 1;
    OK(pj_on_event(client, hear, &me, PJ_DELIVER_ON_THREAD));
    GIVES(PJ_ERR_WRONG_STATE, pj_dispatch(client, 0, &count));
    request = pay(client, LANE1, 1801, &name);
    for (end = now_ms() + patience_ms(20000); !seen(&me.done) && now_ms() < end;) sleep_ms(5);
    CHECK(me.done && me.results == 1);
    CHECK(!pthread_equal(me.thread, pthread_self()));
    /* Not acknowledged: told again by the next client. */
    OK(pj_request_free(request));
    close_client(client);
    {
        int heard = me.events;
        sleep_ms(100);
        CHECK_INT(me.events, heard);
    }
    memset(&me, 0, sizeof me);
    client = OPEN("journal=thread.journal");
    me.client = client;
    OK(pj_on_event(client, hear, &me, PJ_DELIVER_ON_THREAD));
    for (end = now_ms() + patience_ms(5000); !seen(&me.done) && now_ms() < end;) sleep_ms(5);
    CHECK_INT(me.results, 1);
    CHECK_TEXT(me.reference, name.reference);
    OK(pj_find(client, name.reference, &request));
    OK(pj_acknowledge(request));
    OK(pj_request_free(request));
    close_client(client);
    /* Acknowledged: not again. */
    memset(&me, 0, sizeof me);
    client = OPEN("journal=thread.journal");
    me.client = client;
    OK(pj_on_event(client, hear, &me, PJ_DELIVER_ON_THREAD));
    sleep_ms(200);
    CHECK_INT(me.events, 0);
    close_client(client);
    printf("on a thread: told, told again, acknowledged\n");
}

static void pulled(void)
{
    sale_name name = new_name();
    pj_client *client = OPEN("journal=pull.journal");
    pj_request *request;
    pj_event event;
    pj_result result;
    int32_t fd = -1, same = -2, last = 0;
    int events = 0, results = 0, woken = 0;
    long long begin = now_ms(), end;
    memset(&event, 0, sizeof event);
    event.struct_size = sizeof event;
    result.struct_size = sizeof result;
    event.kind = 77;
    OK(pj_next_event(client, 50, &event, &result));
    CHECK_INT(event.kind, PJ_EVENT_NONE);
    CHECK(now_ms() - begin >= 45);
#ifdef _WIN32
    GIVES(PJ_ERR_UNSUPPORTED, pj_wakeup_fd(client, &fd));
    (void)same;
#else
    GIVES(PJ_ERR_UNSUPPORTED, pj_wakeup_window(client, &fd, 1));
    OK(pj_wakeup_fd(client, &fd));
    OK(pj_wakeup_fd(client, &same));
    CHECK_INT(fd, same);
#endif
    request = pay(client, LANE1, 1802, &name);
    for (end = now_ms() + patience_ms(20000); now_ms() < end;) {
#ifndef _WIN32
        struct pollfd watched = {fd, POLLIN, 0};
        if (poll(&watched, 1, 1000) != 1) continue;
        CHECK_INT(watched.revents, POLLIN);
#endif
        woken++;
        for (;;) {
            OK(pj_next_event(client, 0, &event, &result));
            if (event.kind == PJ_EVENT_NONE) break;
            CHECK(event.result == &result && event.request == request);
            CHECK(result.state >= last || results);
            last = result.state;
            events++;
            results += event.kind == PJ_EVENT_RESULT;
            /* Lent until the next call. */
            OK(pj_poll(event.request, &result));
        }
        /* pj_poll may be a moment ahead of the events. */
        if (results && (result.flags & PJ_FLAG_TERMINAL_FREE)) break;
        sleep_ms(1);
    }
    CHECK_INT(results, 1);
    CHECK(events >= 2);
#ifndef _WIN32
    {
        struct pollfd watched = {fd, POLLIN, 0};
        CHECK_INT(poll(&watched, 1, 50), 0);
    }
#endif
    printf("pulled: %d events, woken %d times\n", events, woken);
    OK(pj_acknowledge(request));
    OK(pj_request_free(request));
    close_client(client);
}

/* Two threads at the news: the second is told BUSY. And a close wakes whoever waits. */
static pj_client *shared;
static pj_request *shared_request;

static void *waits_for_news(void *unused)
{
    pj_event event;
    (void)unused;
    event.struct_size = sizeof event;
    GIVES(PJ_ERR_CLOSED, pj_next_event(shared, -1, &event, 0));
    return 0;
}

static void *waits_for_the_end(void *unused)
{
    pj_result result;
    (void)unused;
    result.struct_size = sizeof result;
    GIVES(PJ_ERR_CLOSED, pj_wait(shared_request, -1, &result));
    return 0;
}

static void waiting_threads(void)
{
    pthread_t news, end;
    sale_name name = new_name();
    pj_event event;
    pj_result result;
    long long begin;
    shared = OPEN("journal=wait.journal");
    stage(SCENE_BY_HAND);
    shared_request = pay(shared, LANE2, 1803, &name);
    result_from_state(shared_request, PJ_STATE_AT_TERMINAL, 10000);
    event.struct_size = sizeof event;
    result.struct_size = sizeof result;
    do OK(pj_next_event(shared, 100, &event, 0));
    while (event.kind != PJ_EVENT_NONE);
    begin = now_ms();
    GIVES(PJ_ERR_WAIT_TIMEOUT, pj_wait(shared_request, 60, &result));
    CHECK(now_ms() - begin >= 55 && result.state >= PJ_STATE_ACCEPTED);
    CHECK(pthread_create(&news, 0, waits_for_news, 0) == 0);
    CHECK(pthread_create(&end, 0, waits_for_the_end, 0) == 0);
    sleep_ms(100);
    GIVES(PJ_ERR_BUSY, pj_next_event(shared, 0, &event, 0));
    begin = now_ms();
    close_client(shared);
    CHECK(now_ms() - begin < patience_ms(2000));
    CHECK(pthread_join(news, 0) == 0 && pthread_join(end, 0) == 0);
    OK(pj_request_free(shared_request));
    shared = OPEN("journal=wait.journal");
    OK(pj_find(shared, name.reference, &shared_request));
    call_off(shared, shared_request, LANE2);
    CHECK_INT(final_result(shared_request, 20000).state, PJ_STATE_CANCELED);
    settle(shared_request);
    close_client(shared);
    printf("waiting threads: busy, closed\n");
}

int main(void)
{
    sim("heal", "{}");
    on_dispatch();
    on_thread();
    pulled();
    waiting_threads();
    return passed("news in four ways");
}
