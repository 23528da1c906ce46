#include "lessons/formula.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>

#include "render/words.h"

namespace vtlab::lessons {
namespace {

constexpr std::string_view kSigns[] = {"<", "<=", "=", "!=", ">", ">="};

bool is_sign(std::string_view word) {
  return std::find(std::begin(kSigns), std::end(kSigns), word) != std::end(kSigns);
}

int rank(std::string_view word) {
  if (word == "*" || word == "/") return 2;
  if (word == "+" || word == "-") return 1;
  return 0;
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  const auto end = [&] {
    if (!word.empty()) words.push_back(std::move(word));
    word.clear();
  };
  for (const char c : text) {
    if (c == ' ' || c == '\t') {
      end();
    } else if (c == '(' || c == ')') {
      end();
      words.emplace_back(1, c);
    } else {
      word += c;
    }
  }
  end();
  return words;
}

bool is_number(std::string_view word, double& number) {
  const auto [rest, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  return error == std::errc{} && rest == word.data() + word.size();
}

bool is_word(std::string_view word, bool with_points) {
  return !word.empty() && std::all_of(word.begin(), word.end(), [&](unsigned char c) {
    return std::isalnum(c) || c == '-' || c == '_' || (with_points && c == '.');
  });
}

bool plain(const std::string& unit) {
  return unit.empty() || unit == "count";
}

Value apply(const std::string& operation, const Value& a, const Value& b) {
  if (a.is_missing()) return a;
  if (b.is_missing()) return b;
  const auto cannot = [&](const std::string& why) {
    return Value::missing("cannot compute " + shown(a) + " " + operation + " " + shown(b) + ": " +
                          why);
  };
  if (a.kind == Value::Kind::text || b.kind == Value::Kind::text)
    return cannot("a text is no number");
  if (operation == "*") {
    if (!plain(a.unit) && !plain(b.unit)) return cannot("both have a unit");
    return Value::of(a.number * b.number, plain(a.unit) ? b.unit : a.unit);
  }
  if (operation == "/") {
    if (b.number == 0) return cannot("division by 0");
    if (!plain(b.unit) && a.unit != b.unit) return cannot("the units differ");
    return Value::of(a.number / b.number, plain(b.unit) && !plain(a.unit) ? a.unit : "");
  }
  if (a.unit != b.unit && !(plain(a.unit) && plain(b.unit))) return cannot("the units differ");
  return Value::of(operation == "+" ? a.number + b.number : a.number - b.number,
                   a.unit.empty() ? b.unit : a.unit);
}

bool compares(const std::string& sign, const Value& a, const Value& b) {
  const auto by = [&](auto left, auto right) {
    if (sign == "<") return left < right;
    if (sign == "<=") return left <= right;
    if (sign == "=") return left == right;
    if (sign == "!=") return left != right;
    if (sign == ">") return left > right;
    return left >= right;
  };
  return a.kind == Value::Kind::text ? by(std::string_view(a.text), std::string_view(b.text))
                                     : by(a.number, b.number);
}

void add_new(std::vector<std::string>& to, const std::vector<std::string>& more) {
  for (const std::string& each : more)
    if (std::find(to.begin(), to.end(), each) == to.end()) to.push_back(each);
}

}  // namespace

Formula::Formula(std::string_view text) {
  const std::vector<std::string> words = words_of(text);
  text_ = render::join(words, " ");
  if (words.empty())
    throw FormulaError("a value is missing", "the name of a value, such as virtual.kernel_tasks");
  parse(words);
}

// Dijkstra's shunting yard.
void Formula::parse(const std::vector<std::string>& words) {
  std::vector<std::string> waiting;
  bool operand_next = true;
  const auto wrong = [&](const std::string& word) {
    return FormulaError("'" + word + "' cannot stand there in '" + text_ + "'",
                        "names, numbers and + - * / in turn, with spaces between them");
  };
  const auto take = [&] {
    items_.push_back({Item::Kind::operation, {}, waiting.back()});
    waiting.pop_back();
  };
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    double number = 0;
    if ((word == ")" || rank(word) > 0) == operand_next && word != "(") throw wrong(word);
    if (word == "(" && !operand_next) throw wrong(word);
    if (word == "(") {
      waiting.push_back(word);
    } else if (word == ")") {
      while (!waiting.empty() && waiting.back() != "(") take();
      if (waiting.empty()) throw wrong(word);
      waiting.pop_back();
    } else if (rank(word) > 0) {
      while (!waiting.empty() && rank(waiting.back()) >= rank(word)) take();
      waiting.push_back(word);
      operand_next = true;
    } else if (is_number(word, number)) {
      Value value = Value::of(number, "");
      if (i + 1 < words.size() && !with_unit(number, words[i + 1]).is_missing())
        value = with_unit(number, words[++i]);
      items_.push_back({Item::Kind::value, value, {}});
      operand_next = false;
    } else if (word.find('.') != std::string::npos && is_word(word, true)) {
      items_.push_back({Item::Kind::name, {}, word});
      operand_next = false;
    } else if (is_word(word, false)) {
      items_.push_back({Item::Kind::value, Value::word(word), {}});
      operand_next = false;
    } else {
      throw wrong(word);
    }
  }
  if (operand_next) throw wrong(words.back());
  while (!waiting.empty()) {
    if (waiting.back() == "(") throw wrong("(");
    take();
  }
}

Value Formula::value(const Values& values) const {
  std::vector<Value> stack;
  for (const Item& item : items_) {
    if (item.kind == Item::Kind::value) {
      stack.push_back(item.value);
    } else if (item.kind == Item::Kind::name) {
      const auto found = values.find(item.word);
      stack.push_back(found == values.end() ? Value::missing("the run has no " + item.word)
                                            : found->second);
    } else {
      const Value right = std::move(stack.back());
      stack.pop_back();
      stack.back() = apply(item.word, stack.back(), right);
    }
  }
  return stack.empty() ? Value::missing("nothing") : stack.front();
}

std::vector<std::string> Formula::names() const {
  std::vector<std::string> names;
  for (const Item& item : items_)
    if (item.kind == Item::Kind::name) add_new(names, {item.word});
  return names;
}

Condition::Condition(std::string_view text) {
  std::vector<std::string> left, right;
  std::string sign;
  const std::vector<std::string> words = words_of(text);
  text_ = render::join(words, " ");
  const auto end = [&] {
    if (sign.empty() || left.empty() || right.empty())
      throw FormulaError("'" + text_ + "' compares nothing",
                         "a comparison, such as virtual.kernel_tasks < platform.kernel_tasks");
    all_.push_back({Formula(render::join(left, " ")), sign, Formula(render::join(right, " "))});
    left.clear(), right.clear(), sign.clear();
  };
  for (const std::string& word : words) {
    if (word == "and") {
      end();
    } else if (is_sign(word)) {
      if (!sign.empty())
        throw FormulaError("'" + text_ + "' compares twice at once",
                           "two comparisons with 'and' between them");
      sign = word;
    } else {
      (sign.empty() ? left : right).push_back(word);
    }
  }
  end();
}

Condition::Truth Condition::truth(const Values& values) const {
  bool holds = true;
  for (const Comparison& each : all_) {
    const Value left = each.left.value(values), right = each.right.value(values);
    if (left.is_missing() || right.is_missing() || left.kind != right.kind ||
        (left.unit != right.unit && !(plain(left.unit) && plain(right.unit))))
      return Truth::not_known;
    holds = holds && compares(each.sign, left, right);
  }
  return holds ? Truth::holds : Truth::fails;
}

std::string Condition::evidence(const Values& values) const {
  std::string out;
  for (const std::string& name : names()) {
    const auto found = values.find(name);
    out += (out.empty() ? "" : ", ") + name + " is " +
           (found == values.end() ? "not in the run" : shown(found->second));
  }
  return out;
}

std::vector<std::string> Condition::names() const {
  std::vector<std::string> names;
  for (const Comparison& each : all_) {
    add_new(names, each.left.names());
    add_new(names, each.right.names());
  }
  return names;
}

}  // namespace vtlab::lessons
