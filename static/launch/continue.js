// Goes on by itself; the button stays for browsers that run no scripts.
document.getElementById("continue").requestSubmit();
