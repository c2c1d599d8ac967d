// The secret stands behind "#", which browsers send to no server; from here it goes into the form and out of the address.
const secret = document.getElementById("secret");
if (location.hash.length > 1) {
  secret.value = decodeURIComponent(location.hash.slice(1));
  history.replaceState(null, "", location.pathname);
}
