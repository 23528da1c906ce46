"""summary.py SUITE FILE: one line that a person can read, from a JUnit file; before it, why tests were skipped."""

import sys
import xml.etree.ElementTree as xml

suite, path = sys.argv[1:]
passed, failed, reasons = 0, [], {}
for case in xml.parse(path).getroot().iter("testcase"):
    skip = case.find("skipped")
    # ctest calls a test "notrun" or "disabled" in an attribute instead.
    if skip is not None or case.get("status") in ("notrun", "disabled"):
        text = (case.findtext("system-out") or "") + ((skip.get("message") or "") if skip is not None else "")
        marked = [line for line in text.splitlines() if line.startswith("skipped: ")]
        reason = marked[0][len("skipped: "):] if marked else text.strip() or "no reason given"
        reasons.setdefault(reason, []).append(case.get("name"))
    elif case.find("failure") is not None or case.find("error") is not None or case.get("status") == "fail":
        failed.append(case.get("name"))
    else:
        passed += 1
for name in failed:
    print(f"failed: {name}")
for reason, names in reasons.items():
    print(f"skipped {len(names)}: {reason}")
print(f"{suite}: {passed} passed, {len(failed)} failed, {sum(map(len, reasons.values()))} skipped")
