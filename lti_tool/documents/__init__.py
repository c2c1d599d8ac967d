"""The switch-on pack: papers for a data-protection officer, filled from live settings and never edited by hand here.

Above every part, because it tells of all of them: tables, rights, model, retention. `facts` gathers what is so in this
installation, `writing` turns it into texts, `views` offers them to administrators.
"""
