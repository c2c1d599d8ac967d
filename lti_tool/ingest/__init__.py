"""Pull → authors who agreed → their own words only → de-identified → posts (design decision 3).

Others use: the job kind "pull" (key: a course id), the tables `Activity` and `Post`, `deidentify.Deidentifier` and
`own_words.own_words`. What comes out is pseudonymised, not anonymous (P33).
"""
