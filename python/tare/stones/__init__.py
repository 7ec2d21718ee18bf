"""How fast interpreters are, in tarestones: which there are, running them, adding up, scaling.

tarestones.py and dhrystone.py run in any interpreter, down to Python 2.7, and import nothing of
Tare's; all else here runs in the process of the command.
"""
