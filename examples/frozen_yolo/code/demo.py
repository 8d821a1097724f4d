"""Finds objects in pictures with a frozen YOLOv3 graph and draws them: the local project that became the package."""

import json
from pathlib import Path

import tensorflow.compat.v1 as tf
from model.boxes import find_objects
from model.frozen_graph import FrozenGraph
from model.pictures import letter_box, out_of_letter_box, read_picture
from PIL import Image, ImageDraw

FLAGS = tf.app.flags.FLAGS
tf.app.flags.DEFINE_string("data_url", "", "a picture, or a folder of pictures")
tf.app.flags.DEFINE_string("train_url", "", "folder for the pictures with boxes, and detections.json")
tf.app.flags.DEFINE_string("model_url", "", "folder with the graph and the names of its classes")
tf.app.flags.DEFINE_string("frozen_model", "frozen_darknet_yolov3_model.pb", "file of the graph in it")
tf.app.flags.DEFINE_string("class_names", "class_names.txt", "file of the names in it")
tf.app.flags.DEFINE_float("conf_threshold", 0.5, "how sure it must be of an object")
tf.app.flags.DEFINE_float("iou_threshold", 0.4, "boxes of one class that overlap more are the same object")


def main(_):
    graph = FrozenGraph(Path(FLAGS.model_url) / FLAGS.frozen_model)
    names = graph.read_names(Path(FLAGS.model_url) / FLAGS.class_names)
    output = Path(FLAGS.train_url)
    found = {}
    for file in pictures_in(Path(FLAGS.data_url)):
        picture = read_picture(file)
        rows = graph.run(letter_box(picture, graph.width, graph.height)[None])[0]
        classes, scores, boxes = find_objects(rows, FLAGS.conf_threshold, FLAGS.iou_threshold)
        boxes = out_of_letter_box(boxes, picture.size, graph.width, graph.height)
        found[file.name] = []
        for number, score, box in zip(classes, scores.tolist(), boxes.round(4).tolist()):
            if box[0] == box[2] or box[1] == box[3]:
                continue  # it lies in the margin of the letter box
            draw(picture, number, f"{names[number]} {score:.2f}", box)
            found[file.name].append({"class": names[number], "score": round(score, 5), "box": box})
        picture.save(str(output / (file.stem + ".png")))
        print(f"{file.name}: {', '.join(one['class'] for one in found[file.name]) or 'nothing'}")
    (output / "detections.json").write_text(json.dumps(found, indent=1))


def pictures_in(path):
    if path.is_file():
        return [path]
    return sorted(file for file in path.iterdir() if file.suffix.lower() in (".jpg", ".jpeg", ".png", ".bmp"))


def draw(picture, number, text, box):
    """A box in the colour of its class, with the text at its upper edge, in a size that can be read."""
    hue = (number * 137 + 200) % 360 * 255 // 360
    colour = Image.new("HSV", (1, 1), (hue, 170, 255)).convert("RGB").getpixel((0, 0))
    times = max(1, max(picture.size) // 600)
    pen = ImageDraw.Draw(picture)
    left, top, right, bottom = box
    for line in range(min(2 * times, int(min(right - left, bottom - top) / 2) + 1)):
        pen.rectangle([left + line, top + line, right - line, bottom - line], outline=colour)
    label = Image.new("RGB", (6 * len(text) + 4, 12), colour)
    ImageDraw.Draw(label).text((2, 0), text, fill="black")
    label = label.resize((label.width * times, label.height * times))
    picture.paste(label, (int(max(0, min(left, picture.width - label.width))), int(max(0, top - label.height))))


if __name__ == "__main__":
    tf.app.run()
