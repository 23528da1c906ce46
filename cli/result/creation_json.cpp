#include "result/creation_json.h"

namespace vtlab::result {
namespace {

Json write(const Creation& creation) {
  Json out;
  out["action"] = creation.action;
  put_if(out, "unit", creation.unit);
  out["asked_by"] = creation.asked_by;
  put_if(out, "flags", creation.flags);
  put_if(out, "flag_names", creation.flag_names);
  put_if(out, "error", creation.error);
  out["creator"] = creation.creator;
  put_if(out, "tid", creation.tid);
  put_if(out, "tgid", creation.tgid);
  Json times = Json::object();
  for (std::size_t i = 0; i < kStageKeys.size(); ++i)
    put_if(times, std::string(kStageKeys[i]).c_str(), creation.time_ns[i]);
  out["time_ns"] = times;
  Json sharing = Json::object();
  for (std::size_t i = 0; i < kShareables.size(); ++i)
    if (creation.sharing[i] != Share::unknown)
      sharing[std::string(kShareables[i])] =
          kShareWords[static_cast<std::size_t>(creation.sharing[i])];
  if (!sharing.empty()) out["sharing"] = sharing;
  if (!creation.task) return out;
  out["parent"] = creation.task->parent;
  out["kernel_stack"] = hex(creation.task->kernel_stack);
  put_if(out, "kernel_stack_bytes", creation.task->kernel_stack_bytes);
  out["policy"] = creation.task->policy;
  out["nice"] = creation.task->nice;
  out["prio"] = creation.task->prio;
  out["cpus_allowed"] = creation.task->cpus_allowed;
  return out;
}

Share read_share(const Node& in) {
  const std::string word = in.text();
  for (std::size_t i = 0; i < kShareWords.size(); ++i)
    if (kShareWords[i] == word) return static_cast<Share>(i);
  in.fail("expected own, shared or none, found \"" + word + "\"");
}

Creation read_creation(const Node& in) {
  in.expect_object();
  Creation out;
  out.action = in.text("action");
  out.unit = in.whole_if("unit");
  out.asked_by = in.text("asked_by");
  out.flags = in.whole_if("flags");
  out.flag_names = in.text_if("flag_names");
  out.error = in.text_if("error");
  out.creator = in.whole("creator");
  out.tid = in.whole_if("tid");
  out.tgid = in.whole_if("tgid");
  const Node times = in.at("time_ns");
  times.expect_object();
  for (std::size_t i = 0; i < kStageKeys.size(); ++i)
    out.time_ns[i] = times.whole_if(std::string(kStageKeys[i]).c_str());
  if (in.has("sharing")) {
    const Node sharing = in.at("sharing");
    sharing.expect_object();
    for (std::size_t i = 0; i < kShareables.size(); ++i) {
      const std::string key(kShareables[i]);
      if (sharing.has(key.c_str())) out.sharing[i] = read_share(sharing.at(key));
    }
  }
  if (in.has("kernel_stack"))
    out.task = NewTask{
        in.whole("parent"),      in.at("kernel_stack").address(), in.whole_if("kernel_stack_bytes"),
        in.text("policy"),       in.at("nice").integer(),         in.whole("prio"),
        in.whole("cpus_allowed")};
  return out;
}

}  // namespace

Json write(const Creations& creations) {
  Json out;
  out["stages"] = list(creations.stages, [](const StageNote& note) {
    Json stage;
    stage["stage"] = note.stage;
    stage["rung"] = note.rung;
    stage["hook"] = note.hook;
    return stage;
  });
  out["records"] = list(creations.records, [](const Creation& record) { return write(record); });
  out["lost"] = creations.lost;
  put_if(out, "void_because", creations.void_because);
  return out;
}

Creations read_creations(const Node& in) {
  in.expect_object();
  Creations out;
  out.stages = in.list("stages", [](const Node& stage) {
    stage.expect_object();
    return StageNote{stage.text("stage"), stage.text("rung"), stage.text("hook")};
  });
  out.records = in.list("records", read_creation);
  out.lost = in.whole("lost");
  out.void_because = in.text_if("void_because");
  return out;
}

}  // namespace vtlab::result
