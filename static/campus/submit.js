// Sends the form of a login step on; without scripts its button does.
document.getElementById("autopostme").submit();
