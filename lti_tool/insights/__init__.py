"""Course snapshots: what changed, the weeks, the topics, and the texts behind each finding (decision 8).

Others use `insights.snapshot` (the documented body), `insights.service` (`build`, `latest`, `body_of`),
`insights.evidence` (`examples`, `phrases`) and `insights.words` (a finding as a sentence).
"""
