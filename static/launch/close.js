// Tells the platform's dialogue to close (LTI Dynamic Registration 1.0, 3.7); only the platform's own pages hear it.
const button = document.getElementById("close");
button.addEventListener("click", () => {
  const dialogue = window.opener || window.parent;
  dialogue.postMessage({ subject: "org.imsglobal.lti.close" }, button.dataset.platform);
});
button.hidden = false;
