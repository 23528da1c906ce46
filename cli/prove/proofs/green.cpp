// green.cpp — green threads and native ones.
#include "prove/judging.h"

namespace vtlab::prove {
namespace {

const Proof kProofs[] = {
    {.id = "native.one-to-one",
     .statement = "the native model on Linux is one-to-one",
     .where = "B",
     .lacking = "needs a JDK; comes with the foreign modes"},
    {.id = "native.priority",
     .statement = "priorities of native threads are mapped by the platform's own rules",
     .where = "B",
     .lacking = "needs a JDK; comes with the foreign modes"},
};

}  // namespace

extern const ProofGroup proofs_green;
const ProofGroup proofs_green{"Green and native threads", kProofs};

}  // namespace vtlab::prove
