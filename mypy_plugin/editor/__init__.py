"""Fixes in an editor: code actions for what is reported under the cursor.

    editor ──▶ pylsp ──▶ pylsp.py ──▶ helper.py ──▶ another process: answer.py ──▶ program.py ──▶ mypy_plugin.fix

`pylsp` asks for code actions on the thread that reads all that the editor sends, and the protocol's own way out, to
offer an action and look at it later (`codeAction/resolve`), is not among what it can do. So there are two things to
keep apart: what is offered must have been checked, which is worth seconds the first time and a tenth of one later;
and nobody who only moves the cursor may wait for it.

- Checking happens in a process of its own, for each workspace. mypy keeps its state in global variables, pylsp-mypy may
  run it in the server itself, and compiled code lets no other thread run: in a thread of the server it would do harm.
- The process is started as soon as a check has reported an error of ours, so that it is ready, or nearly, when somebody
  asks for a way out. Projects without such errors never start one.
- Who asks for the menu waits for the answer, up to the setting `wait` (five seconds). What an editor asks for by
  itself as the cursor moves does not wait: it gets what is known by then.

What was dropped: to offer proposals that nobody checked, under another name. Most of them would help; the ones that do
not are what makes people stop using the menu.

Without an error of ours in what it is asked about, `pylsp.py` answers at once, and has imported nothing.
"""
