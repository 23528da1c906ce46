#include "prove/laboratory.h"

namespace vtlab::prove {

Laboratory::Laboratory(lab::ObserverChoice choice, std::string with_root, lab::Signals& signals,
                       const lab::Surroundings& surroundings)
    : choice_(choice),
      with_root_(std::move(with_root)),
      signals_(signals),
      surroundings_(surroundings) {
  attach({});
  notes_ = observer_.notes;
}

void Laboratory::attach(const lab::Recording& recording) {
  lab::Request request;
  request.observer = choice_;
  request.recording = recording;
  observer_.observer.reset();  // two at once would make what is observed twice as slow
  observer_ = lab::choose_observer(request, with_root_);
  recording_ = recording;
}

lab::Observation Laboratory::run(const lab::Experiment& experiment,
                                 const lab::Recording& recording) {
  if (!(recording == recording_)) attach(recording);
  return lab::observe(experiment, *observer_.observer, signals_, surroundings_);
}

}  // namespace vtlab::prove
