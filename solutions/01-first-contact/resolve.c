/* A name becomes addresses; see resolve.h.
 *
 * getaddrinfo(3) asks /etc/hosts and the name servers of /etc/resolv.conf, in
 * the order that /etc/nsswitch.conf says, and puts what it finds in the order
 * of RFC 6724.  What it lacks is a deadline: it waits five seconds for a name
 * server, asks again, and nothing can stop it.  So a thread of its own calls
 * it, and whoever waits for that may leave earlier.  The thread then goes on
 * until getaddrinfo returns; the last to let go of the question frees it.
 * A thread that has answered is joined: its end takes time, and must not fall
 * into the stage that is measured next. */
#include "resolve.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wait.h"

struct question {
    char host[NI_MAXHOST], port[8];
    int family;
    struct addresses addresses; /* the answer */
    enum failure failure;
    sem_t answered; /* before that, all above is the thread's */
    atomic_int holders;
};

/* BEGIN SOLUTION 1 */
/* DOC: failure-of-lookup
 * "No such name" is an answer, and final.  EAI_AGAIN is the lack of one. */
static enum failure failure_of_lookup(int error)
{
    switch (error) {
    case 0:
        return FAILURE_NONE;
    case EAI_NONAME:
        return FAILURE_NXDOMAIN;
    case EAI_NODATA:     /* the name is there, an address is not */
    case EAI_ADDRFAMILY: /* a number of the other family */
        return FAILURE_NO_ADDRESS;
    case EAI_AGAIN:
    case EAI_FAIL:
        return FAILURE_DNS_FAILED;
    default:
        return FAILURE_SYSTEM;
    }
}

static void copy_addresses(struct addresses *to, const struct addrinfo *list)
{
    to->count = 0;
    for (; list && to->count < ADDRESSES_MAX; list = list->ai_next) {
        struct address *address = &to->list[to->count++];
        memcpy(&address->storage, list->ai_addr, list->ai_addrlen);
        address->bytes = list->ai_addrlen;
    }
}

/* END SOLUTION */
/* DOC: lookup
 * Calls getaddrinfo for question->host, ->port and ->family, copies what it
 * finds into question->addresses, and frees the list.
 * Returns what became of it. */
static enum failure lookup(struct question *question)
{
    /* BEGIN SOLUTION 1 */
    struct addrinfo hints = {.ai_family = question->family,
                             .ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_NUMERICSERV};
    struct addrinfo *list = NULL;
    int error = getaddrinfo(question->host, question->port, &hints, &list);
    if (error == 0)
        copy_addresses(&question->addresses, list);
    if (list)
        freeaddrinfo(list);
    return failure_of_lookup(error);
    /* END SOLUTION */
    //> (void)question;
    //> return FAILURE_NOT_DONE; /* checkpoint 1: write this first */
}

/* ---- The thread that asks ------------------------------------------------ */

static struct question *question_new(const char *host, uint16_t port,
                                     int family)
{
    struct question *question = calloc(1, sizeof(*question));
    if (question == NULL)
        return NULL;
    snprintf(question->host, sizeof(question->host), "%s", host);
    snprintf(question->port, sizeof(question->port), "%u", (unsigned)port);
    question->family = family;
    (void)sem_init(&question->answered, 0, 0); /* cannot fail with 0 */
    atomic_init(&question->holders, 2);        /* who asks, and the thread */
    return question;
}

static void question_free(struct question *question)
{
    (void)sem_destroy(&question->answered);
    free(question);
}

static void let_go(struct question *question)
{
    if (atomic_fetch_sub(&question->holders, 1) == 1)
        question_free(question);
}

static void *ask(void *context)
{
    struct question *question = context;
    question->failure = lookup(question);
    (void)sem_post(&question->answered);
    let_go(question);
    return NULL;
}

/* Returns whether the answer came. */
static bool await_answer(struct question *question, int64_t deadline_ns)
{
    struct timespec until = {.tv_sec = deadline_ns / NS_PER_S,
                             .tv_nsec = deadline_ns % NS_PER_S};
    while (sem_clockwait(&question->answered, CLOCK_MONOTONIC, &until) < 0) {
        if (errno != EINTR)
            return false;
    }
    return true;
}

enum failure resolve(const char *host, uint16_t port, int family,
                     int64_t deadline_ns, struct addresses *addresses)
{
    pthread_t thread;
    enum failure failure = FAILURE_DNS_TIMEOUT;
    struct question *question = question_new(host, port, family);
    if (question == NULL)
        return FAILURE_SYSTEM;
    if (pthread_create(&thread, NULL, ask, question) != 0) {
        question_free(question);
        return FAILURE_SYSTEM;
    }
    if (await_answer(question, deadline_ns)) {
        (void)pthread_join(thread, NULL); /* it has nothing left to do */
        failure = question->failure;
        *addresses = question->addresses;
    } else {
        (void)pthread_detach(thread); /* it ends by itself */
    }
    let_go(question);
    return failure;
}

/* ---- What was found ------------------------------------------------------ */

/* DOC: interleave */
void addresses_interleave(struct addresses *addresses)
{
    /* BEGIN SOLUTION 5 */
    struct addresses old = *addresses;
    bool taken[ADDRESSES_MAX] = {false};
    int turn = old.list[0].storage.ss_family;
    for (size_t to = 0; to < old.count; to++) {
        size_t any = old.count, from = 0;
        for (; from < old.count; from++) {
            if (taken[from])
                continue;
            if (old.list[from].storage.ss_family == turn)
                break;
            any = any < old.count ? any : from;
        }
        from = from < old.count ? from : any; /* a family has run out */
        taken[from] = true;
        addresses->list[to] = old.list[from];
        turn = old.list[from].storage.ss_family == AF_INET ? AF_INET6 : AF_INET;
    }
    /* END SOLUTION */
    //> (void)addresses; /* checkpoint 5: the families in turn */
}

void address_text(const struct address *address, char text[ADDRESS_TEXT_BYTES])
{
    const struct sockaddr *any = (const struct sockaddr *)&address->storage;
    if (getnameinfo(any, address->bytes, text, ADDRESS_TEXT_BYTES, NULL, 0,
                    NI_NUMERICHOST) != 0)
        text[0] = '\0';
}
