"""The web app in which people give answers: accounts, tasks, the organiser's pages.

One server serves one study. It shows stored evidence and never imports torch.
"""
