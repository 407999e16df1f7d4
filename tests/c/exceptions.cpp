/* C++ exceptions thrown out of callbacks pass through pj_dispatch and leave the client alive; and the header in C++. */
#include "check.h"
#include <stdexcept>
#include <string>

struct Till {
    pj_client *client;
    int throws, heard, results, nested;
    uint32_t thrown_at;
};

static int destroyed;

struct Witness {
    ~Witness() { destroyed++; }
};

static void PJ_CALL hear(const pj_event *event, void *user)
{
    Till *till = static_cast<Till *>(user);
    Witness witness;
    uint32_t count;
    /* True nesting is told from what an exception left behind. */
    GIVES(PJ_ERR_REENTRANT, pj_dispatch(till->client, 0, &count));
    GIVES(PJ_ERR_REENTRANT, pj_client_close(till->client, 0));
    till->nested++;
    if (till->throws > 0) {
        till->throws--;
        till->thrown_at = event->number;
        throw std::runtime_error("out of the callback");
    }
    /* What was thrown out of is told again. */
    if (till->thrown_at) CHECK(event->number >= till->thrown_at);
    till->heard++;
    till->results += event->kind == PJ_EVENT_RESULT;
}

static void PJ_CALL hear_line(int32_t, const char *, void *user)
{
    if (static_cast<Till *>(user)->throws > 0) throw std::string("out of the log");
}

/* The dispatching frame at another depth of the stack each time. */
static int dispatch_at(pj_client *client, int depth, uint32_t *count)
{
    volatile char room[512];
    room[0] = static_cast<char>(depth);
    if (depth > 0) return dispatch_at(client, depth - 1, count) + (room[0] & 0);
    return pj_dispatch(client, 50, count);
}

int main()
{
    Till till = Till();
    sale_name name = new_name();
    uint32_t count = 0;
    int caught = 0, round = 0;
    sim("heal", "{}");
    till.client = OPEN("terminal=@lane1");
    OK(pj_on_event(till.client, hear, &till, PJ_DELIVER_ON_DISPATCH));
    OK(pj_on_log(till.client, hear_line, &till, PJ_LOG_TRACE));
    till.throws = 12;
    pj_request *request = pay(till.client, LANE1, 1900, &name);
    for (long long end = now_ms() + patience_ms(30000); till.results == 0 && now_ms() < end; round++) {
        try {
            OK(dispatch_at(till.client, round * 7 % 40, &count));
        } catch (const std::runtime_error &error) {
            CHECK_TEXT(error.what(), "out of the callback");
            caught++;
        } catch (const std::string &) {
            caught++;
        }
        /* Between two dispatches everything is as ever. */
        pj_result result = poll_result(request);
        CHECK(result.state != 0);
        pj_status said = pj_wait(request, 0, &result);
        CHECK(said == PJ_OK || said == PJ_ERR_WAIT_TIMEOUT);
    }
    CHECK_INT(till.throws, 0);
    CHECK(caught >= 12);
    CHECK_INT(till.results, 1);
    CHECK_INT(destroyed, till.nested);
    result_with(request, PJ_FLAG_FINAL, 1000);
    OK(pj_acknowledge(request));
    OK(pj_request_free(request));

    /* An exception as the last thing before the close. */
    name = new_name();
    result_with((OK(pj_find(till.client, poll_result(request = pay(till.client, LANE2, 1901, &name)).reference, &request)), request), 0, 100);
    till.throws = 1;
    try {
        OK(pj_dispatch(till.client, 2000, &count));
        CHECK(!"it throws");
    } catch (...) {
        caught++;
    }
    close_client(till.client);
    OK(pj_request_free(request));
    OK(pj_request_free(request));
    till.client = OPEN("terminal=@lane1");
    OK(pj_find(till.client, name.reference, &request));
    final_result(request, 30000);
    settle(request);
    close_client(till.client);
    printf("%d exceptions, %d events\n", caught, till.heard);
    return passed("exceptions out of callbacks");
}
