/* idle.pml — how carriers fall asleep without leaving work behind, checked in every interleaving.
 *
 * Work is a runnable vthread. It lies in the run queue of a carrier, whose owner pushes and pops without
 * telling anybody; in the inject queue, where makers from outside put it; or it is readiness that epoll
 * has to report. `awake` counts the carriers that are not in the idle set, by whoever takes them out.
 *
 *   maker      pushes; fence; if nobody is awake: takes one carrier out of the idle set, and calls it
 *   carrier    without work: joins the idle set, and so is awake no more; looks at the inject queue once
 *              more; sleeps
 *   pusher     tells nobody: it is awake itself, and looks at its own queue before it sleeps
 *
 * That alone would do if every vthread gave up its carrier some time. For the others there are roles
 * among the idle carriers, given to who joins:
 *   poller     sleeps in epoll_wait; the others sleep on futexes
 *   watch      sleeps with a timeout while somebody is awake, because that one may be stuck in a vthread
 *              with work behind it. When it finds nobody awake it sleeps deeply, that is for as long as
 *              it takes: whoever becomes awake first calls it, and it sleeps with a timeout again. It is
 *              taken out last. If it leaves by itself it hands its role to another idle carrier, and
 *              calls that one.
 * One carrier has both roles only while it is idle alone.
 *
 * What must hold, when nothing can move any more
 *   1  no work is left, unless every carrier is stuck (so with -DSTUCK=0: no work is left)
 *   2  if somebody is stuck, the idle carriers have a watch, and it is not in deep sleep
 *   3  if nobody is awake, nobody sleeps with a timeout: idle processes use no CPU time
 *
 * A timeout is a step that is always possible, except when it would find nothing and change nothing; so
 * `nothing can move` means: except for such timeouts.
 *
 * -DBROKEN=NAME takes one precaution away, and spin must find out why it was there.
 *
 * Left out: fairness among vthreads, the order of queues, spinning before sleep, shutdown. Locks are
 * atomic steps. Memory is that of x86 (TSO) where it matters: a maker's push waits in the store buffer
 * of its CPU while the load of `awake` goes ahead.
 */
#ifndef BROKEN
#define BROKEN 0
#endif
#define NO_SECOND_LOOK  1 /* joins the idle set and sleeps */
#define NO_FENCE        2 /* the maker looks at `awake` before its push is visible */
#define NO_WATCH        3 /* everybody sleeps for as long as it takes */
#define NO_HANDING_OVER 4 /* a watch that leaves takes its role with it */
#define DEEP_UNSEEN     5 /* who becomes awake first does not call the watch */
#define DEEP_AT_ONCE    6 /* the watch says that it sleeps deeply, and does not look again */
#define WATCH_DOES_NOT_POLL 7 /* leaves readiness to the poller, of which there may be none */

#define CARRIERS 3
#define NOBODY   CARRIERS

/* How much happens, in all: pushes from outside and by vthreads, waits for readiness, and vthreads that
 * never give up their carrier. */
#ifndef MAKERS
#define MAKERS 1
#define PUSHES 2
#define WAITS  1
#define STUCK  2
#endif
byte may_push = PUSHES, may_wait = WAITS, may_be_stuck = STUCK;

/* Work. */
bool unseen[2];      /* pushed, but still in the maker's store buffer */
byte inject, ready, waiting;
byte own[CARRIERS];

/* Who sleeps. */
byte awake, stuck;
bool idle[CARRIERS] = true;
bool called[CARRIERS]; /* the word of the futex, or the eventfd: a call that comes too early is kept */
#if BROKEN == NO_WATCH
byte watch = NOBODY;
#else
byte watch = 0;
#endif
byte poller = 1;       /* who has the role */
bool deep;             /* the watch sleeps for as long as it takes */
bool timed[CARRIERS];  /* for the check at the end: sleeps with a timeout */

active proctype Memory() {
end:
	do
	:: d_step { unseen[0] -> unseen[0] = false; inject++ }
	:: d_step { unseen[1] -> unseen[1] = false; inject++ }
	:: d_step { waiting > 0 -> waiting--; ready++ } /* the kernel, some time */
	od
}

/* --- under the lock of the idle set: what stands in d_step ----------------------------------------- */

/* The first one to be awake calls the watch out of its deep sleep. */
inline count_awake() {
	awake++;
	if
	:: awake == 1 && deep && watch != NOBODY && BROKEN != DEEP_UNSEEN -> deep = false; called[watch] = true
	:: else
	fi
}

inline give_up_roles(who) {
	if
	:: poller == who -> poller = NOBODY
	:: else
	fi;
	if
	:: watch == who -> watch = NOBODY; deep = false
	:: else
	fi
}

/* Some carrier in the idle set, but `not`: one without a role, else the poller, else the watch. */
inline choose(not) {
	chosen = NOBODY;
	i = 0;
	do
	:: i == CARRIERS -> break
	:: else ->
		if
		:: idle[i] && i != not && i != watch && (i != poller || chosen == NOBODY) &&
		   (chosen == NOBODY || chosen == poller) -> chosen = i
		:: else
		fi;
		i++
	od;
	if
	:: chosen == NOBODY && watch != NOBODY && watch != not -> chosen = watch
	:: else
	fi;
	i = 0
}

inline take_one() {
	d_step {
		choose(NOBODY);
		if
		:: chosen != NOBODY ->
			idle[chosen] = false;
			give_up_roles(chosen);
			count_awake();
			called[chosen] = true
		:: else
		fi;
		chosen = NOBODY
	}
}

inline join() {
	d_step {
		awake--;
		idle[self] = true;
#if BROKEN != NO_WATCH
		if
		:: watch == poller -> watch = self; deep = false /* nobody, or one that has both roles */
		:: watch != poller && watch == NOBODY -> watch = self; deep = false
		:: else
		fi;
#endif
		if
		:: poller == NOBODY -> poller = self
		:: else
		fi
	}
}

/* By itself. Does nothing if somebody has taken it out meanwhile. */
inline leave() {
	d_step {
		if
		:: idle[self] ->
			idle[self] = false;
			was_watch = (watch == self);
			give_up_roles(self);
			count_awake();
#if BROKEN != NO_HANDING_OVER
			if
			:: was_watch ->
				choose(self);
				watch = chosen;
				if
				:: watch != NOBODY -> called[watch] = true
				:: else
				fi;
				chosen = NOBODY
			:: else
			fi;
#endif
			was_watch = false
		:: else
		fi
	}
}

/* By the watch, if it still is that. */
inline say_deep(yes) {
	d_step {
		if
		:: watch == self -> deep = yes
		:: else
		fi
	}
}

/* --- the parts ------------------------------------------------------------------------------------- */

active [MAKERS] proctype Maker() {
	byte chosen = NOBODY, i;
	byte self = _pid - 1;

	unseen[self] = true;
#if BROKEN != NO_FENCE
	!unseen[self];
#endif
	if
	:: awake == 0 -> take_one()
	:: else
	fi
}

#define other(k) ((self + k) % CARRIERS)

active [CARRIERS] proctype Carrier() {
	byte chosen = NOBODY, i;
	bool was_watch;
	byte self = _pid - 1 - MAKERS;

	goto sleep;

look:
	/* At all places in one step. What comes where it has looked already, while it looks elsewhere, may
	 * as well come just after the step: then too it is missed until the look after joining. */
	if
	:: atomic { own[self] > 0 -> own[self]-- } goto mount
	:: atomic { own[self] == 0 && inject > 0 -> inject-- } goto mount
	:: atomic { own[self] + inject == 0 && ready > 0 -> ready-- } goto mount
	:: atomic { own[self] + inject + ready == 0 && own[other(1)] > 0 -> own[other(1)]-- } goto mount
	:: atomic { own[self] + inject + ready == 0 && own[other(2)] > 0 -> own[other(2)]-- } goto mount
	:: own[self] + inject + ready + own[other(1)] + own[other(2)] == 0
	fi;

	join();
#if BROKEN != NO_SECOND_LOOK
	if
	:: inject > 0 -> leave(); goto look
	:: inject == 0
	fi;
#endif

sleep:
	atomic {
		timed[self] = false;
		if
		:: !idle[self] -> goto look /* taken out, and counted as awake */
		:: idle[self] && watch != self -> goto asleep
		:: idle[self] && watch == self && awake != 0 -> timed[self] = true; goto asleep
		:: idle[self] && watch == self && awake == 0
		fi
	}
	say_deep(true);
#if BROKEN != DEEP_AT_ONCE
	if
	:: awake == 0
	:: awake != 0 -> say_deep(false); timed[self] = true
	fi;
#endif

asleep:
	if
	:: called[self] -> called[self] = false; goto sleep
	:: poller == self && ready > 0
	:: timed[self] && awake == 0 -> goto sleep
#if BROKEN == WATCH_DOES_NOT_POLL
	:: timed[self] && awake != 0 && inject + own[other(1)] + own[other(2)] > 0
#else
	:: timed[self] && awake != 0 && inject + ready + own[other(1)] + own[other(2)] > 0
#endif
	fi;
	timed[self] = false;
	leave();
	goto look;

mount:
	if
	:: atomic { may_push > 0 -> may_push--; own[self]++ } goto mount
	:: atomic { may_wait > 0 -> may_wait--; waiting++ } goto look
	:: atomic { may_be_stuck > 0 -> may_be_stuck--; stuck++ } false
	:: goto look
	fi
}

active proctype AtRest() {
	timeout ->
	assert(inject + ready + own[0] + own[1] + own[2] == 0 || stuck == CARRIERS); /* 1 */
	assert(stuck == 0 || stuck == CARRIERS || (watch != NOBODY && timed[watch]));      /* 2 */
	assert(awake == stuck);
	assert(awake != 0 || (!timed[0] && !timed[1] && !timed[2]))                        /* 3 */
}
