/* fork: the child is told so, for everything it inherited, and may open a client of its own. The parent goes on. */
#include "check.h"
#ifdef _WIN32
int main(void)
{
    printf("there is no fork on Windows\n");
    return 0;
}
#else
#include <sys/wait.h>

/* `sale`: with a payment of its own. Then the parent is silent: two clients of one account know nothing of the
   distance that the vendor wants between calls. */
static int child(pj_client *client, pj_request *request, pj_fields *bag, int sale)
{
    pj_result result;
    pj_request *out;
    pj_client *own;
    pj_fields *fields;
    uint32_t count;
    int32_t fd;
    sale_name name;
    alarm(60);
    result.struct_size = sizeof result;
    GIVES(PJ_ERR_FORKED, pj_poll(request, &result));
    GIVES(PJ_ERR_FORKED, pj_wait(request, -1, &result));
    GIVES(PJ_ERR_FORKED, pj_cancel(request));
    GIVES(PJ_ERR_FORKED, pj_acknowledge(request));
    GIVES(PJ_ERR_FORKED, pj_request_free(request));
    GIVES(PJ_ERR_FORKED, pj_pending_count(client, &count));
    GIVES(PJ_ERR_FORKED, pj_find(client, "reference", &out));
    GIVES(PJ_ERR_FORKED, pj_dispatch(client, 0, &count));
    GIVES(PJ_ERR_FORKED, pj_wakeup_fd(client, &fd));
    GIVES(PJ_ERR_FORKED, pj_request_payment(client, bag, &out));
    GIVES(PJ_ERR_FORKED, pj_fields_set_int(bag, "amount", 1));
    OK(pj_client_close(client, 1000));
    OK(pj_client_close(client, -1));

    /* The parent's journal is the parent's. */
    fields = CONFIG("terminal=@lane2");
    GIVES(PJ_ERR_JOURNAL_LOCKED, pj_client_open(fields, &own));
    OK(pj_fields_set_text(fields, "journal", "child.journal"));
    OK(open_client(fields, &own));
    OK(pj_fields_free(fields));
    if (!sale) {
        close_client(own);
        return 0;
    }
    name = new_name();
    out = pay(own, LANE2, 1001, &name);
    CHECK_INT(final_result(out, 30000).state, PJ_STATE_APPROVED);
    settle(out);
    close_client(own);
    return 0;
}

static void fork_and_wait(pj_client *client, pj_request *request, pj_fields *bag, int sale)
{
    int status = -1;
    pid_t pid;
    sleep_ms(200);
    fflush(stdout);
    pid = fork();
    CHECK(pid >= 0);
    if (pid == 0) {
        /* It ends as another program: what the parent's threads had in hand is nobody's leak. */
        if (child(client, request, bag, sale) == 0) execl("/bin/true", "true", (char *)0);
        _exit(1);
    }
    CHECK(waitpid(pid, &status, 0) == pid);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    sleep_ms(200);
}

int main(void)
{
    sale_name name = new_name();
    pj_client *client = OPEN("terminal=@lane1");
    pj_fields *bag = BAG("amount:1", "reference=from the child");
    pj_request *request;
    stage(SCENE_SLOW_CARD);
    request = pay(client, LANE1, 1000, &name);
    result_from_state(request, PJ_STATE_ACCEPTED, 10000);
    fork_and_wait(client, request, bag, 0);
    CHECK_INT(final_result(request, 20000).state, PJ_STATE_APPROVED);
    result_with(request, PJ_FLAG_TERMINAL_FREE, 10000);
    fork_and_wait(client, request, bag, 1);
    settle(request);
    name = new_name();
    request = pay(client, LANE1, 1002, &name);
    CHECK_INT(final_result(request, 20000).state, PJ_STATE_APPROVED);
    settle(request);
    OK(pj_fields_free(bag));
    close_client(client);
    return passed("fork");
}
#endif
