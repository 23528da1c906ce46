/* park.pml — how a vthread falls asleep without missing its wake-up, checked in every interleaving.
 *
 * The word of a vthread says what the next one to look at it has to do:
 *   NONE     nothing has happened. Whoever signals leaves EVENT.
 *   EVENT    a signal came while the vthread was not asleep; its next await() returns at once.
 *   PARKED   asleep and off its stack. Whoever signals takes it out (to NONE) and queues it.
 *
 * Who takes part: one vthread, two carriers that mount it, two unparkers (three unparks), a waker that publishes what
 * the vthread waits for, a timer. Memory is that of x86 (TSO) where it matters: a plain store waits in
 * the store buffer of its CPU, for as long as it likes, while later loads of the same CPU go ahead.
 *
 * What must hold
 *   assert     The vthread is in one place: never queued twice, never mounted twice, never mounted
 *              while its stack is in use. A timer does not signal for a wait that is over. Two permits
 *              are not more than one.
 *   at rest    When nothing can move any more, the vthread sleeps in its last loop, and no permit is
 *              left: every wait whose condition was made true has ended.
 *
 * -DBROKEN=NAME takes one precaution away, and spin must find out why it was there.
 */
#ifndef BROKEN
#define BROKEN 0
#endif
#define PARKED_BEFORE_AT_REST   1 /* the vthread says PARKED itself, while it still runs */
#define PARKED_WITHOUT_LOOKING  2 /* the carrier stores PARKED instead of comparing and swapping */
#define EVENT_SEEN_IS_ENOUGH    3 /* signal() only loads the word, sees EVENT, and is content */
#define EVENT_CLEARED_BY_STORE  4 /* the carrier clears an EVENT by a plain store */
#define SIGNAL_BEFORE_PUBLISH   5 /* first wake, then say why */
#define PARKED_CLEARED_BY_STORE 6 /* signal() takes PARKED out by load and store */
#define SIGNAL_AFTER_UNLOCK     7 /* the timer lets its lock go before it signals */

#define CARRIERS 2
#ifndef UNPARKERS
#define UNPARKERS 2
#endif

mtype = { NONE, EVENT, PARKED };
mtype word = NONE;

/* Where the vthread is. */
chan run_queue = [2] of { bit }; /* one place too many, to see it queued twice */
bool mounted, stack_in_use;
chan mount = [0] of { byte }; /* the switch to its stack … */
chan leave = [0] of { bit };  /* … and back to the carrier's */

/* What it waits for. */
bit permit;
byte unparks;     /* begun */
byte permits_used;
bool soon, over;  /* two conditions; the first one is waited for with a deadline */
bool last_loop;

/* Store buffers: the waker's, one condition; an unparker's, the permit; a carrier's, word = NONE (only in
 * variant 4). */
#define EMPTY 0
#define SOON  1
#define OVER  2
byte waker_buffer = EMPTY;
bool none_buffered[CARRIERS];
bool permit_buffered[2];

active proctype Memory() {
end:
	do
	:: d_step { waker_buffer == SOON -> soon = true; waker_buffer = EMPTY }
	:: d_step { waker_buffer == OVER -> over = true; waker_buffer = EMPTY }
	:: d_step { permit_buffered[0] -> permit = 1; permit_buffered[0] = false }
	:: d_step { permit_buffered[1] -> permit = 1; permit_buffered[1] = false }
	:: d_step { none_buffered[0] -> word = NONE; none_buffered[0] = false }
	:: d_step { none_buffered[1] -> word = NONE; none_buffered[1] = false }
	od
}

/* Every read-modify-write empties the store buffer of its CPU first: `drained` says that it is empty. */
inline cas(from, to, drained) {
	atomic {
		(drained);
		if
		:: word == from -> word = to; swapped = true
		:: else -> swapped = false
		fi
	}
}

inline push() {
	atomic { assert(len(run_queue) == 0 && !mounted); run_queue ! 0 }
}

inline signal(drained) {
	do
	:: swapped -> d_step { swapped = false; seen = NONE }; break
	:: else ->
		seen = word; /* a plain load: does not wait for the store buffer */
		if
		:: seen == EVENT ->
			/* To see EVENT is not enough. Our condition may still be in the store buffer, and the
			 * vthread may take this EVENT, see no condition, and sleep. */
#if BROKEN == EVENT_SEEN_IS_ENOUGH
			break
#else
			cas(EVENT, EVENT, drained)
#endif
		:: seen == NONE -> cas(NONE, EVENT, drained)
		:: seen == PARKED ->
#if BROKEN == PARKED_CLEARED_BY_STORE
			word = NONE;
			swapped = true;
#else
			cas(PARKED, NONE, drained);
#endif
			if
			:: swapped -> push()
			:: else
			fi
		fi
	od
}

/* On the vthread. May return for no reason, so it stands in a loop around what is waited for. */
inline await() {
	if
	:: (none_buffered[me] -> NONE : word) == EVENT ->
		atomic { !none_buffered[me]; word = NONE } /* an exchange */
	:: else ->
#if BROKEN == PARKED_BEFORE_AT_REST
		cas(NONE, PARKED, true);
#endif
		leave ! 0;
		mount ? me
	fi
}

inline park() {
	do
	:: atomic { permit == 1 -> permit = 0; permits_used++; assert(permits_used <= unparks) }
		break
	:: else -> await()
	od
}

/* The timer's lock, and whether the timer is in its heap. */
bool timers_locked, armed;
bool in_timed_wait;

active proctype VThread() {
	byte me;
	bool swapped, timed_out;

	mount ? me;
	park();

	/* A wait with a deadline, as a lock or a channel does it. */
	do
	:: soon || timed_out -> break
	:: else ->
		in_timed_wait = true;
		atomic { !timers_locked -> armed = true }
		await();
		/* cancel(): once it has returned, nobody signals for this timer. */
		atomic {
			!timers_locked ->
			timed_out = !armed;
			armed = false;
			in_timed_wait = false
		}
	od;

	/* A wait without one. */
	do
	:: over -> break
	:: else -> await()
	od;

	last_loop = true;
end:
	do
	:: park()
	od
}

active [CARRIERS] proctype Carrier() {
	byte self = _pid - 2; /* Memory and VThread come first */

end:
	do
	:: atomic {
		/* Another carrier sees what was pushed after a store only once the store is visible. */
		(!none_buffered[1 - self] && len(run_queue) > 0) ->
		run_queue ? _;
		assert(!mounted && !stack_in_use);
		mounted = true;
		stack_in_use = true
	   }
		mount ! self;
		atomic { leave ? _ -> stack_in_use = false; mounted = false }
		/* From here on its stack is at rest. */
#if BROKEN == PARKED_WITHOUT_LOOKING
		word = PARKED
#elif BROKEN == PARKED_BEFORE_AT_REST
		if
		:: atomic { word == EVENT -> word = NONE }
			push()
		:: else
		fi
#else
		if
		:: atomic { word == NONE -> word = PARKED }
		:: word == EVENT ->
#if BROKEN == EVENT_CLEARED_BY_STORE
			none_buffered[self] = true;
#else
			/* An exchange. A plain store could become visible after a second signal, which has found
			 * EVENT still there and is content: its reason to wake would be forgotten. */
			word = NONE;
#endif
			push()
		fi
#endif
	od
}

active [UNPARKERS] proctype Unparker() {
	byte left = _pid - 3; /* the first one once, the second one twice */
	byte self = _pid - 4;
	mtype seen;
	bool swapped;

	do
	:: left == 0 -> break
	:: atomic { (left > 0 && !permit_buffered[self]) -> left--; unparks++; permit_buffered[self] = true }
		signal(!permit_buffered[self])
	od
}

active proctype Waker() {
	mtype seen;
	bool swapped;

	if
	:: waker_buffer = SOON; signal(waker_buffer == EMPTY)
	:: skip /* then the deadline ends that wait */
	fi;
#if BROKEN == SIGNAL_BEFORE_PUBLISH
	signal(waker_buffer == EMPTY);
	over = true
#else
	waker_buffer == EMPTY; /* it has one entry */
	waker_buffer = OVER;
	signal(waker_buffer == EMPTY)
#endif
}

active proctype Timer() {
	mtype seen;
	bool swapped;

end:
	do
	:: atomic { (armed && !timers_locked) -> timers_locked = true; armed = false }
#if BROKEN == SIGNAL_AFTER_UNLOCK
		timers_locked = false;
#endif
		assert(in_timed_wait);
		signal(true);
		timers_locked = false
	od
}

/* `timeout` is true when nothing else can move. */
active proctype AtRest() {
	timeout ->
	assert(last_loop && word == PARKED);       /* no wait was left unended */
	assert(len(run_queue) == 0 && !mounted);
	assert(permit == 0 && permits_used >= 1)   /* no permit was left unused */
}

init { run_queue ! 0 }
