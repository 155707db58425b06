//! Plots of counts: shapes in a box of 100 by 100, which the page stretches. The page has their texts next to
//! them, so that everybody can read them at every size.

/// A rectangle.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Bar {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
    /// The class that colors it.
    pub(crate) class: &'static str,
    pub(crate) label: String,
}

/// A part of a column: the class that colors it, its height, and its label.
pub(crate) type Part = (&'static str, u64, String);

/// Columns side by side, with their parts on top of each other, the first part at the bottom. The highest
/// column is as high as the box.
#[expect(clippy::cast_precision_loss, reason = "shapes on a screen")]
pub(crate) fn columns(columns: impl IntoIterator<Item = Vec<Part>>) -> Vec<Bar> {
    let columns: Vec<Vec<Part>> = columns.into_iter().collect();
    let height = |column: &Vec<Part>| column.iter().map(|(_, count, _)| *count as f64).sum::<f64>();
    let highest = columns.iter().map(height).fold(1.0, f64::max);
    let width = 100.0 / (columns.len().max(1) as f64);
    let mut bars = Vec::new();
    for (nth, column) in columns.into_iter().enumerate() {
        let mut y = 100.0;
        for (class, count, label) in column.into_iter().filter(|(_, count, _)| *count > 0) {
            let height = count as f64 / highest * 100.0;
            y -= height;
            bars.push(Bar {
                x: nth as f64 * width + width * 0.1,
                y,
                width: width * 0.8,
                height,
                class,
                label,
            });
        }
    }
    bars
}

/// A point of a line.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Point {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) label: String,
}

/// A line through the middle of each column, without the columns that have no value. The value `highest` is
/// as high as the box.
#[expect(clippy::cast_precision_loss, reason = "shapes on a screen")]
pub(crate) fn line(values: impl IntoIterator<Item = Option<(u64, String)>>, highest: u64) -> Vec<Point> {
    let values: Vec<Option<(u64, String)>> = values.into_iter().collect();
    let width = 100.0 / (values.len().max(1) as f64);
    let points = values.into_iter().enumerate().filter_map(|(nth, value)| {
        let (value, label) = value?;
        let y = 100.0 - value as f64 / highest.max(1) as f64 * 100.0;
        Some(Point { x: (nth as f64 + 0.5) * width, y, label })
    });
    points.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn highest_column_fills_the_box() {
        let part = |class, count| (class, count, String::new());
        let bars = columns([vec![part("a", 1), part("b", 0)], vec![part("a", 1), part("b", 3)]]);
        let shapes: Vec<_> = bars.iter().map(|bar| (bar.class, bar.x, bar.y, bar.height)).collect();
        assert_eq!(shapes, [("a", 5.0, 75.0, 25.0), ("a", 55.0, 75.0, 25.0), ("b", 55.0, 0.0, 75.0)]);
        assert!(columns([]).is_empty());
    }

    #[test]
    fn line_omits_missing_values() {
        let value = |value| Some((value, String::new()));
        let points = line([value(10), None, value(5), value(0)], 10);
        let points: Vec<_> = points.iter().map(|point| (point.x, point.y)).collect();
        assert_eq!(points, [(12.5, 0.0), (62.5, 50.0), (87.5, 100.0)]);
        assert!(line([], 0).is_empty());
    }
}
