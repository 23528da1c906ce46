/* biased.pml — the lock of a run queue: free of charge for its owner, expensive for thieves.
 *
 * The owner locks its own queue a hundred million times a second and should pay neither an atomic
 * read-modify-write nor a fence. It says `busy` by a plain store and looks whether the queue is
 * `locked`. On x86 (TSO) that is not enough by itself: the store waits in the store buffer of its CPU
 * while the load that follows it goes ahead, so owner and thief may each miss what the other one said.
 * The fence that is missing is paid for by the thief, for both: membarrier(2) makes every CPU that runs
 * a thread of this process pass a full barrier, which empties its store buffer.
 *
 *   owner   busy = 1; if locked == 0: the queue is mine; … busy = 0
 *                     else:           busy = 0; wait until locked == 0; again
 *   thief   CAS locked 0 → 1; membarrier; wait a little for busy == 0: the queue is mine; … locked = 0
 *           busy for too long (the owner may have lost its CPU): locked = 0, steal elsewhere
 *
 * What must hold
 *   assert     Never two in the queue at once; and no push or pop is lost, for what the owner did to
 *              the queue waits in the same store buffer, before its busy = 0.
 *   at rest    Everybody has come through.
 *
 * -DBROKEN=NAME takes one precaution away, and spin must find out why it was there.
 *
 * Left out: thieves write to memory directly. What they store in the queue stands before locked = 0 in
 * their store buffer too, and the owner believes locked == 0 only.
 */
#ifndef BROKEN
#define BROKEN 0
#endif
#define NO_MEMBARRIER       1
#define LOOK_BEFORE_BUSY    2 /* the owner looks at `locked` first and says `busy` then */
#define THIEF_DOES_NOT_WAIT 3 /* membarrier, and then straight in */

#define PUSHES   4
#define THIEVES  2
#define ATTEMPTS 3 /* of each thief */

byte busy, locked, queue; /* `queue`: how many vthreads are in it */

/* The owner's store buffer: first in, first out, three entries; and what its CPU reads of its own
 * stores before anybody else can: the newest entry for that address, else memory. */
mtype = { BUSY, QUEUE };
chan buffer = [3] of { mtype, byte };
byte own_queue;

byte inside; /* who is in the queue now */
byte stolen;

inline store(address, value) { buffer ! address, value }

inline flush_one() {
	if
	:: buffer ? BUSY, busy
	:: buffer ? QUEUE, queue
	fi
}

active proctype StoreBuffer() {
end:
	do
	:: atomic { nempty(buffer) -> flush_one() }
	od
}

inline enter() { atomic { inside++; assert(inside == 1) } }
inline leave() { inside-- }

active proctype Owner() {
	byte pushed;

	do
	:: pushed == PUSHES -> break
	:: else ->
again:
#if BROKEN == LOOK_BEFORE_BUSY
		locked == 0;
		store(BUSY, 1);
#else
		store(BUSY, 1);
		if
		:: locked == 0
		:: else ->
			store(BUSY, 0);
			locked == 0; /* spins; the thief is about to finish or to give up */
			goto again
		fi;
#endif
		enter();
		/* Reads its queue: no store to it is in the buffer, or the newest one counts. */
		if
		:: buffer ?? [QUEUE, _]
		:: else -> own_queue = queue
		fi;
		own_queue++;
		store(QUEUE, own_queue);
		pushed++;
		leave();
		store(BUSY, 0)
	od
}

active [THIEVES] proctype Thief() {
	byte attempts = ATTEMPTS, seen;

	do
	:: attempts == 0 -> break
	:: else ->
		attempts--;
		/* A thief that finds the queue locked goes elsewhere. Here there is nowhere: it waits. */
		atomic { locked == 0 -> locked = 1 }
#if BROKEN != NO_MEMBARRIER
		d_step {
			do
			:: nempty(buffer) -> flush_one()
			:: empty(buffer) -> break
			od
		}
#endif
		if
#if BROKEN == THIEF_DOES_NOT_WAIT
		:: true ->
#else
		:: busy == 0 ->
#endif
			enter();
			seen = queue;
			if
			:: seen > 0 -> queue = seen - 1; stolen++
			:: seen == 0
			fi;
			seen = 0;
			leave()
		:: true /* the owner is busy for too long: gives up */
		fi;
		locked = 0
	od
}

active proctype AtRest() {
	timeout ->
	assert(empty(buffer) && busy == 0 && locked == 0 && inside == 0);
	assert(Owner:pushed == PUSHES);
	assert(queue + stolen == PUSHES) /* nothing lost, nothing twice */
}
