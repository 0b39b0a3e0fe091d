// Brings a page to life.
import { enhance } from "./sheet.js";

const form = document.querySelector("form[data-sheet]");
if (form) enhance(form);
