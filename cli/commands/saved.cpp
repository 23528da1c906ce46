#include "commands/saved.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <system_error>
#include <utility>
#include <variant>

#include "commands/documents.h"
#include "lab/error.h"

namespace vtlab::commands {
namespace {

using lab::Error;
using lab::ExitCode;

// Why a document is none of those that are put together; empty if it is.
std::string why_not(const result::Document& document) {
  if (std::holds_alternative<result::Comparison>(document))
    return "a comparison is one picture already; name the runs that it is of";
  if (std::holds_alternative<result::Collection>(document))
    return "a collection is one picture already; name the files that it is of";
  return {};
}

// Without the name of the file, which stands before it.
std::string in_words(const Error& error) {
  std::string words;
  for (const std::string& why : error.why) words += (words.empty() ? "" : "; ") + why;
  return words.empty() ? error.what_failed : words;
}

}  // namespace

std::vector<std::string> short_names(const std::vector<std::string>& files) {
  const auto stem = [](const std::string& path) {
    return std::filesystem::path(path).stem().string();
  };
  std::map<std::string, std::size_t> times, used;
  for (const std::string& file : files) ++times[stem(file)];
  std::vector<std::string> names;
  for (const std::string& file : files) {
    const std::string name = times[stem(file)] > 1 ? file : stem(file);
    const std::size_t before = used[name]++;
    names.push_back(before == 0 ? name : name + "#" + std::to_string(before + 1));
  }
  return names;
}

std::vector<std::string> with_folders(const std::vector<std::string>& words) {
  namespace fs = std::filesystem;
  std::vector<std::string> files;
  for (const std::string& word : words) {
    std::error_code error;
    if (!fs::is_directory(word, error)) {
      files.push_back(word);
      continue;
    }
    std::vector<std::string> inside;
    for (fs::directory_iterator entry(word, error), end; !error && entry != end;
         entry.increment(error))
      if (entry->path().extension() == ".json") inside.push_back(entry->path().string());
    if (error) throw Error(ExitCode::usage, "cannot read the folder " + word, {error.message()});
    if (inside.empty())
      throw Error(ExitCode::usage, "the folder " + word + " has no .json file",
                  {"folders in it are not looked into"});
    std::sort(inside.begin(), inside.end());
    files.insert(files.end(), inside.begin(), inside.end());
  }
  return files;
}

Saved load_all(const std::vector<std::string>& files, bool leave_out_bad) {
  Saved saved;
  std::vector<result::LeftOut> bad;
  std::map<std::string, std::string> seen;  // text → the file that had it first
  const std::vector<std::string> names = short_names(files);
  for (std::size_t i = 0; i < files.size(); ++i) {
    try {
      std::string text = document_text(files[i]);
      result::Document document = parse_document(files[i], text);
      if (std::string why = why_not(document); !why.empty()) {
        bad.push_back({files[i], std::move(why)});
        continue;
      }
      const auto [first, fresh] = seen.emplace(std::move(text), files[i]);
      if (fresh)
        saved.documents.push_back({names[i], files[i], std::move(document)});
      else
        saved.left_out.push_back(
            {files[i], "the same document as " + first->second + ", which counts once"});
    } catch (const Error& error) {
      bad.push_back({files[i], in_words(error)});
    }
  }
  if (!bad.empty() && (!leave_out_bad || saved.documents.empty())) {
    std::vector<std::string> why;
    for (const result::LeftOut& one : bad) why.push_back(one.file + ": " + one.because);
    std::vector<std::string> type;
    if (!saved.documents.empty())
      type.emplace_back("vtlab report --keep-going …    leaves them out and says so");
    throw Error(ExitCode::usage,
                "cannot take " + std::to_string(bad.size()) + " of " +
                    std::to_string(files.size()) + " files",
                why, type);
  }
  saved.left_out.insert(saved.left_out.end(), bad.begin(), bad.end());
  return saved;
}

}  // namespace vtlab::commands
