"""chromium.py: a page in a headless Chromium that a test can use as a person does: wheel, mouse, keys, paper.

It speaks the browser's own protocol over two pipes, so nothing listens on a port. Answers carry the number of their
question; what the page says unasked (errors, its console) is kept in `said`.
"""
import json
import os
import pathlib
import signal
import subprocess
import time

from support import SAFETY_NET_S, wait_until


class Page:
    def __init__(self, program, folder, width=1280, height=900, dark=False):
        self.number, self.said = 0, []
        to_read, self.write_end = os.pipe()
        self.read_end, to_write = os.pipe()
        self.buffer = b""

        def inherit():  # the protocol wants to be read on 3 and written on 4
            kept = os.dup(to_read), os.dup(to_write)
            os.dup2(kept[0], 3)
            os.dup2(kept[1], 4)

        words = [program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--remote-debugging-pipe",
                 f"--user-data-dir={folder / 'page'}", f"--window-size={width},{height}", *(["--force-dark-mode"] if dark else []), "about:blank"]
        self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                        pass_fds=(3, 4), preexec_fn=inherit, start_new_session=True, env={**os.environ, "HOME": str(folder)})
        os.close(to_read)
        os.close(to_write)
        self.session = None
        [target] = [each for each in self.ask("Target.getTargets")["targetInfos"] if each["type"] == "page"]
        self.session = self.ask("Target.attachToTarget", targetId=target["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.ask(f"{domain}.enable")
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        if dark:
            self.ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark"}])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.write_end)
        os.close(self.read_end)
        # All of its processes, or one that is left writes into a folder that is being removed.
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        wait_until(self.nobody_is_left, "every process of the browser has ended")

    def nobody_is_left(self):
        """But for those that have ended and whom nobody has waited for."""
        for file in pathlib.Path("/proc").glob("[0-9]*/stat"):
            try:
                state, _, group = file.read_text().rpartition(")")[2].split()[:3]
            except OSError:
                continue  # it has ended
            if int(group) == self.process.pid and state != "Z":
                return False
        return True

    def ask(self, method, **parameters):
        self.number += 1
        question = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            question["sessionId"] = self.session
        os.write(self.write_end, json.dumps(question).encode() + b"\0")
        while True:
            answer = self.next()
            if answer.get("id") == self.number:
                assert "error" not in answer, (method, answer["error"])
                return answer["result"]
            if answer.get("method") in ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded"):
                self.said.append(answer)

    def next(self):
        while b"\0" not in self.buffer:
            part = os.read(self.read_end, 1 << 20)
            assert part, "the browser ended"
            self.buffer += part
        message, _, self.buffer = self.buffer.partition(b"\0")
        return json.loads(message)

    def open(self, file, then=""):
        self.ask("Page.navigate", url=file.as_uri() + then)
        self.until("document.readyState === 'complete' && location.href !== 'about:blank'")
        return self

    def value(self, expression):
        done = self.ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in done, done["exceptionDetails"]
        return done["result"].get("value")

    def until(self, expression):
        end = time.monotonic() + SAFETY_NET_S
        while not self.value(expression):
            assert time.monotonic() < end, f"never true: {expression}"

    def mouse(self, kind, x, y, **more):
        self.ask("Input.dispatchMouseEvent", type=kind, x=x, y=y, **more)

    def wheel(self, x, y, by):
        self.mouse("mouseWheel", x, y, deltaX=0, deltaY=by)

    def drag(self, begin, end):
        self.mouse("mousePressed", *begin, button="left", clickCount=1)
        self.mouse("mouseMoved", (begin[0] + end[0]) / 2, (begin[1] + end[1]) / 2, button="left", buttons=1)
        self.mouse("mouseMoved", *end, button="left", buttons=1)
        self.mouse("mouseReleased", *end, button="left", clickCount=1)

    def click(self, x, y):
        self.mouse("mousePressed", x, y, button="left", clickCount=1)
        self.mouse("mouseReleased", x, y, button="left", clickCount=1)

    def key(self, name, text=None):
        more = {"text": text} if text else {}
        self.ask("Input.dispatchKeyEvent", type="keyDown", key=name, **more)
        self.ask("Input.dispatchKeyEvent", type="keyUp", key=name)
