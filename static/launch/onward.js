// Goes on by itself; the link stays for browsers that run no scripts.
location.replace(document.getElementById("onward").href);
