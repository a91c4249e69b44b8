/* Reads a chart mark by mark, by the arrow keys or a touch: left and right along a row, up and down to another one.
   Without this file the table beside it says the same, and the mouse still shows each mark's words. */
(function () {
  "use strict";

  function readable(frame) {
    var line = document.getElementById(frame.getAttribute("data-reads"));
    var drawing = frame.querySelector("svg");
    if (!line || !drawing) return;
    var rows = Array.prototype.map.call(drawing.querySelectorAll(".chart__row"), function (row) {
      return Array.prototype.filter.call(row.querySelectorAll(".chart__mark"), function (mark) {
        return mark.querySelector("title");
      });
    }).filter(function (marks) { return marks.length; });
    var hint = line.textContent, read = null, row = 0;

    function middle(mark) {
      var box = mark.getBoundingClientRect();
      return { x: box.left + box.width / 2, y: box.top + box.height / 2 };
    }

    function show(mark) {
      if (read) read.classList.remove("is-read");
      read = mark;
      if (!read) { line.textContent = hint; return; }
      read.classList.add("is-read");
      line.textContent = read.querySelector("title").textContent;
    }

    function nearest(marks, x) {
      return marks.reduce(function (best, mark) {
        return Math.abs(middle(mark).x - x) < Math.abs(middle(best).x - x) ? mark : best;
      });
    }

    function along(step) {
      var marks = rows[row], at = read ? marks.indexOf(read) + step : 0;
      return marks[Math.max(0, Math.min(at, marks.length - 1))];
    }

    function across(step) {
      if (!read) return rows[0][0];
      row = Math.max(0, Math.min(row + step, rows.length - 1));
      return nearest(rows[row], middle(read).x);
    }

    frame.addEventListener("keydown", function (event) {
      if (!rows.length || event.ctrlKey || event.metaKey || event.altKey) return;
      var marks = rows[row];
      switch (event.key) {
        case "ArrowRight": show(along(1)); break;
        case "ArrowLeft": show(along(-1)); break;
        case "ArrowDown": show(across(1)); break;
        case "ArrowUp": show(across(-1)); break;
        case "Home": show(marks[0]); break;
        case "End": show(marks[marks.length - 1]); break;
        case "Escape": show(null); break;
        default: return;
      }
      event.preventDefault();
      if (read) read.scrollIntoView({ block: "nearest", inline: "nearest" });
    });

    // A finger is wider than a mark: the nearest one within its reach is meant.
    drawing.addEventListener("pointerdown", function (event) {
      var best = null, least = 24;
      rows.forEach(function (marks, number) {
        marks.forEach(function (mark) {
          var at = middle(mark), away = Math.hypot(at.x - event.clientX, at.y - event.clientY);
          if (away < least) { best = mark; least = away; row = number; }
        });
      });
      show(best);
    });
  }

  document.querySelectorAll("[data-reads]").forEach(readable);
})();
