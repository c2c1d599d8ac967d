"""Who is calling: institutions, registrations, keys, login, launch, sessions, the roster.

Others use: `pages.launch_blueprint` and `pages.current` (pages of a launch), `people` (a person in a course),
`courses.active`, `roster.read`, `registrations` and `keys` (set-up). The LTI library stays behind `pylti`.
"""
