const KEY = "starling.theme";

/** Makes a choice of colours work, and remembers what was chosen. What was chosen before is applied by theme.js already. */
export function chooseTheme(select) {
  const root = document.documentElement;
  select.value = root.dataset.theme ?? "auto";
  select.addEventListener("change", () => {
    if (select.value === "auto") {
      delete root.dataset.theme;
    } else {
      root.dataset.theme = select.value;
    }
    try {
      localStorage.setItem(KEY, select.value);
    } catch {
      // storage is forbidden here: the choice holds until the page is left
    }
  });
}
