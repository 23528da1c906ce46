#include "render/observed_tree.h"

#include <map>

#include "render/format.h"

namespace vtlab::render {
namespace {

using result::Observed;
using Places = std::vector<std::size_t>;

constexpr std::size_t kDeepest = 12;

class TreeMaker {
 public:
  TreeMaker(const Observed& observed, std::size_t most_rows)
      : observed_(observed), most_rows_(most_rows), children_(observed.processes.size()) {}

  Tree make() {
    Places roots;
    for (std::size_t place = 0; place < observed_.processes.size(); ++place) {
      const auto by = observed_.processes[place].by_id;
      (by && *by < place ? children_[*by] : roots).push_back(place);
    }
    for (const Places& group : by_name(roots)) branch(group, 0);
    tree_.hidden = observed_.processes.size() - shown_ + observed_.processes_not_listed;
    return std::move(tree_);
  }

 private:
  std::string name_of(std::size_t place) const {
    const std::string& name = observed_.processes[place].name;
    return name.empty() ? "(name unknown)" : one_line(name);
  }

  // In the order in which each name appeared first.
  std::vector<Places> by_name(const Places& places) const {
    std::vector<Places> groups;
    std::map<std::string, std::size_t> known;
    for (const std::size_t place : places) {
      const auto [group, is_new] = known.try_emplace(name_of(place), groups.size());
      if (is_new) groups.emplace_back();
      groups[group->second].push_back(place);
    }
    return groups;
  }

  void branch(const Places& group, std::size_t depth) {
    if (tree_.rows.size() == most_rows_ || depth == kDeepest) return;
    shown_ += group.size();
    TreeRow row{depth, name_of(group.front()), {}, 0, 0, 0};
    row.which = group.size() == 1
                    ? "(" + std::to_string(observed_.processes[group.front()].pid) + ")"
                    : "×" + format_count(group.size());
    Places below;
    for (const std::size_t place : group) {
      row.threads += observed_.processes[place].threads_made;
      row.processes += observed_.processes[place].processes_made;
      row.alive += !observed_.processes[place].ended;
      below.insert(below.end(), children_[place].begin(), children_[place].end());
    }
    tree_.rows.push_back(std::move(row));
    for (const Places& next : by_name(below)) branch(next, depth + 1);
  }

  const Observed& observed_;
  const std::size_t most_rows_;
  std::vector<Places> children_;
  Tree tree_;
  std::uint64_t shown_ = 0;
};

}  // namespace

Tree make_tree(const Observed& observed, std::size_t most_rows) {
  return TreeMaker(observed, most_rows).make();
}

}  // namespace vtlab::render
