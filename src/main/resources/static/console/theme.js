/** The colours that somebody chose, before the first paint. No module, since those run after it. */
(() => {
  const choice = (() => {
    try {
      return localStorage.getItem("starling.theme");
    } catch {
      return null; // storage is forbidden here
    }
  })();
  if (choice === "light" || choice === "dark") {
    document.documentElement.dataset.theme = choice;
  }
})();
