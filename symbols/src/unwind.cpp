#include "symbols/unwind.h"

#include <algorithm>
#include <cstring>

#include "expression.h"

namespace vtlab::symbols {
namespace {

constexpr unsigned kRdi = 5, kRbp = 6, kRsp = 7;
constexpr unsigned kKept[] = {3, kRbp, 12, 13, 14, 15};  // over calls, as the ABI demands
constexpr std::size_t kMostFrames = 128;
constexpr std::uint64_t kLargestStack = std::uint64_t{1} << 30;

using Number = std::optional<std::uint64_t>;

class Unwinder {
 public:
  Unwinder(const Snapshot& snapshot, const FindCode& find_code)
      : snapshot_(snapshot), find_code_(find_code), bottom_(snapshot.registers[kRsp]) {
    for (unsigned i = 0; i < registers_.size(); ++i)
      registers_[i] = {Kept::Kind::initial, snapshot.registers[i]};
    registers_[kRsp].kind = registers_[kRip].kind = Kept::Kind::value;
  }

  Unwound go() {
    std::uint64_t pc = snapshot_.registers[kRip];
    bool exact = true;
    while (result_.frames.size() < kMostFrames) {
      const auto code = pc == 0 ? std::nullopt : find_code_(exact ? pc : pc - 1);
      if (!code) {
        // A thread's outermost function may be called with 0 as its return address.
        end(pc == 0 && !result_.frames.empty() ? StackEnd::outermost : StackEnd::no_code);
        break;
      }
      result_.frames.push_back({*code, exact});
      const Number caller = step(*code, pc, exact);
      if (!caller) break;
      pc = *caller;
      registers_[kRip] = {Kept::Kind::value, pc};
      result_.steps.push_back(std::move(words_));
      words_.clear();
    }
    if (!ended_) end(StackEnd::not_copied);
    if (!words_.empty())
      result_.steps.push_back(std::move(words_));  // these decided that it ends here
    if (!can_be_learned_) result_.steps.clear();
    return std::move(result_);
  }

 private:
  // A register of the frame that is looked at: read only when it is wanted, so that `words_` has no
  // more than what decides.
  struct Kept {
    enum class Kind { initial, value, in_memory, lost } kind = Kind::lost;
    std::uint64_t number = 0;
  };

  Number end(StackEnd why) {
    result_.end = why;
    // How much was copied, and what was loaded, can be otherwise the next time.
    if (why == StackEnd::not_copied || why == StackEnd::no_code) can_be_learned_ = false;
    ended_ = true;
    return std::nullopt;
  }

  Word word_of(std::uint64_t value, Word::Source source) const {
    const bool relative = value - bottom_ < kLargestStack;
    return {source, relative, 0, relative ? value - bottom_ : value};
  }

  Number read_memory(std::uint64_t address, bool is_code = false) {
    const std::uint64_t offset = address - bottom_;
    if (offset > snapshot_.stack.size() ||
        snapshot_.stack.size() - offset < sizeof(std::uint64_t)) {
      beyond_ = true;
      return std::nullopt;
    }
    std::uint64_t value = 0;
    std::memcpy(&value, snapshot_.stack.data() + offset, sizeof value);
    Word word = word_of(value, Word::Source::stack);
    word.offset = static_cast<std::uint32_t>(offset);
    if (is_code) {
      word.relative = false;
      word.value = value;
    }
    words_.push_back(word);
    return value;
  }

  Number read_register(unsigned number) {
    if (number >= registers_.size()) return std::nullopt;
    Kept& kept = registers_[number];
    switch (kept.kind) {
      case Kept::Kind::value:
        break;
      case Kept::Kind::initial:
        if (number == kRbp)
          words_.push_back(word_of(kept.number, Word::Source::rbp));
        else if (number == kRdi)
          words_.push_back(word_of(kept.number, Word::Source::rdi));
        else
          can_be_learned_ = false;
        kept.kind = Kept::Kind::value;
        break;
      case Kept::Kind::in_memory: {
        const Number value = read_memory(kept.number);
        if (!value) return std::nullopt;
        kept = {Kept::Kind::value, *value};
        break;
      }
      case Kept::Kind::lost:
        return std::nullopt;
    }
    return kept.number;
  }

  // The caller's instruction pointer; nothing if this was the last frame, and then why.
  Number step(const Code& code, std::uint64_t& pc, bool& exact) {
    const auto rules = code.file ? code.file->frame_at(code.address) : nullptr;
    if (rules) return by_rules(rules.get(), exact);
    const bool innermost = result_.frames.size() == 1;
    exact = false;
    // Code without rules is mostly assembler around a system call, which keeps nothing on the stack.
    if (innermost && code.file) {
      if (const Number caller = at_stack_pointer()) return caller;
    }
    return by_frame_pointer(pc);
  }

  Number by_rules(Dwarf_Frame_s* rules, bool& exact) {
    ExpressionContext context{[this](unsigned number) { return read_register(number); },
                              [this](std::uint64_t address) { return read_memory(address); },
                              {}};
    Dwarf_Op* operations = nullptr;
    std::size_t count = 0;
    if (dwarf_frame_cfa(rules, &operations, &count) != 0 || count == 0) return cannot();
    const auto frame = evaluate(operations, count, context);
    if (!frame) return cannot();
    context.frame_address = frame->number;

    bool is_signal = false;
    dwarf_frame_info(rules, nullptr, nullptr, &is_signal);
    auto next = registers_;
    if (is_signal) {
      for (unsigned i = 0; i < kRip; ++i) restore(rules, i, context, next[i]);
    } else {
      for (const unsigned i : kKept) restore(rules, i, context, next[i]);
    }
    Dwarf_Op memory[3];
    if (dwarf_frame_register(rules, kRip, memory, &operations, &count) != 0) return cannot();
    if (count == 0) return end(StackEnd::outermost);  // it has no caller, the rules say
    const auto where = evaluate(operations, count, context);
    if (!where) return cannot();
    Number caller = where->number;
    if (where->kind == Location::Kind::address)
      caller = read_memory(where->number, true);
    else if (where->kind == Location::Kind::in_register)
      caller = read_register(static_cast<unsigned>(where->number));
    if (!caller) return cannot();
    if (!is_signal) next[kRsp] = {Kept::Kind::value, frame->number};
    registers_ = next;
    exact = is_signal;
    return caller;
  }

  void restore(Dwarf_Frame_s* rules, unsigned number, const ExpressionContext& context, Kept& to) {
    Dwarf_Op memory[3];
    Dwarf_Op* operations = nullptr;
    std::size_t count = 0;
    if (dwarf_frame_register(rules, static_cast<int>(number), memory, &operations, &count) != 0) {
      to.kind = Kept::Kind::lost;
      return;
    }
    if (count == 0) {
      if (operations) to.kind = Kept::Kind::lost;  // else: the callee left it as it was
      return;
    }
    const auto where = evaluate(operations, count, context);
    if (!where)
      to.kind = Kept::Kind::lost;
    else if (where->kind == Location::Kind::address)
      to = {Kept::Kind::in_memory, where->number};
    else if (where->kind == Location::Kind::value)
      to = {Kept::Kind::value, where->number};
    else
      to = registers_[where->number % registers_.size()];
  }

  Number cannot() { return end(beyond_ ? StackEnd::not_copied : StackEnd::no_rules); }

  bool is_return_address(std::uint64_t address) const {
    const auto code = address == 0 ? std::nullopt : find_code_(address - 1);
    return code && (!code->file || code->file->follows_call(code->address + 1));
  }

  // Go makes a goroutine's first function look as if goexit had called it, from its second instruction.
  bool begins_goroutine(std::uint64_t address) const {
    const auto code = find_code_(address - 1);
    const auto function =
        code && code->file ? code->file->function_at(code->address) : std::nullopt;
    return function &&
           (function->name == "runtime.goexit" || function->name == "runtime.goexit.abi0");
  }

  Number at_stack_pointer() {
    const Number caller = read_memory(bottom_, true);
    if (!caller) return std::nullopt;
    const auto code = find_code_(*caller - 1);
    if (!code || !code->file || !is_return_address(*caller)) {
      // What is not believed decides nothing later; that it was looked at must not be learned.
      can_be_learned_ = false;
      words_.clear();
      return std::nullopt;
    }
    registers_[kRsp].number = bottom_ + sizeof(std::uint64_t);
    return caller;
  }

  Number by_frame_pointer(std::uint64_t pc) {
    const Number pointer = read_register(kRbp);
    if (!pointer) return cannot();
    if (*pointer == 0) return end(StackEnd::outermost);  // as the ABI marks it
    if (*pointer < registers_[kRsp].number || *pointer - bottom_ >= snapshot_.stack.size())
      return by_the_kernel(pc);
    const Number caller = read_memory(*pointer + sizeof(std::uint64_t), true);
    if (!caller) return by_the_kernel(pc);
    if (*caller == 0) return end(StackEnd::outermost);
    if (!is_return_address(*caller))
      return end(begins_goroutine(*caller) ? StackEnd::outermost : StackEnd::no_rules);
    registers_[kRsp].number = *pointer + 2 * sizeof(std::uint64_t);
    for (const unsigned i : kKept) registers_[i].kind = Kept::Kind::lost;
    registers_[kRbp] = {Kept::Kind::in_memory, *pointer};
    followed_pointers_ = true;
    return caller;
  }

  // Go changes stacks on the way; the kernel has followed its frame pointers to the other one.
  Number by_the_kernel(std::uint64_t pc) {
    can_be_learned_ = false;
    const auto& kernels = snapshot_.kernels;
    const auto here = std::find(kernels.begin(), kernels.end(), pc);
    if (here == kernels.end())
      return end(followed_pointers_ ? StackEnd::frame_pointers : StackEnd::no_rules);
    for (auto next = here + 1; next != kernels.end(); ++next) {
      if (begins_goroutine(*next)) return end(StackEnd::outermost);
      if (!is_return_address(*next)) break;
      result_.frames.push_back({*find_code_(*next - 1), false});
    }
    return end(StackEnd::frame_pointers);
  }

  const Snapshot& snapshot_;
  const FindCode& find_code_;
  const std::uint64_t bottom_;
  std::array<Kept, 17> registers_;
  std::vector<Word> words_;
  Unwound result_;
  bool can_be_learned_ = true, beyond_ = false, ended_ = false, followed_pointers_ = false;
};

}  // namespace

Unwound unwind(const Snapshot& snapshot, const FindCode& find_code) {
  return Unwinder(snapshot, find_code).go();
}

}  // namespace vtlab::symbols
